// A static file server for the tests: a folder under any path, as a static host would serve it.
// By hand: node tests/e2e/serve.mjs [folder] [path] [port]
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** The file that a request's path means, or undefined. */
async function find(folder, base, pathname) {
  if (!pathname.startsWith(base)) return undefined;
  const file = normalize(join(folder, pathname.slice(base.length)));
  if (file !== folder && !file.startsWith(folder + sep)) return undefined;
  const path = pathname.endsWith('/') ? join(file, 'index.html') : file;
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? path : undefined;
}

/** Serves `folder` under `base` ("/" or "/some/path/") on 127.0.0.1. Port 0 is any free one. */
export async function serve(folder, { base = '/', port = 0 } = {}) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    try {
      const { pathname } = new URL(request.url, 'http://localhost');
      const path = await find(root, base, decodeURIComponent(pathname));
      if (path === undefined) {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
        return;
      }
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
      createReadStream(path).on('error', () => response.destroy()).pipe(response);
    } catch {
      response.writeHead(400, { 'content-type': 'text/plain' }).end('bad request\n');
    }
  });
  await new Promise((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    /** Stops the server; a second time it does nothing. */
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = 'dist', base = '/', port = '8081'] = process.argv.slice(2);
  console.log((await serve(folder, { base, port: Number(port) })).url);
}
