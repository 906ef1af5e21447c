// Prints the size of a built site, as it is and as Brotli would send it: its WebAssembly, its JavaScript, everything.
// Usage: node scripts/sizes.mjs dist
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const folder = process.argv[2];
const kinds = { '.wasm': 'WebAssembly', '.js': 'JavaScript', '': 'everything' };
const sizes = Object.fromEntries(Object.values(kinds).map((kind) => [kind, { raw: 0, brotli: 0 }]));

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const bytes = readFileSync(join(entry.parentPath ?? entry.path, entry.name));
  const brotli = brotliCompressSync(bytes).length;
  for (const kind of new Set([kinds[extname(entry.name)], kinds['']])) {
    if (kind === undefined) continue;
    sizes[kind].raw += bytes.length;
    sizes[kind].brotli += brotli;
  }
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(12);
console.log(`${folder}/`.padEnd(12), 'raw'.padStart(12), 'brotli'.padStart(12));
for (const [kind, { raw, brotli }] of Object.entries(sizes)) console.log(kind.padEnd(12), kib(raw), kib(brotli));
