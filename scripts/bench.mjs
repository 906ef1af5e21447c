// Runs the benchmarks' page in a headless browser, puts its figures beside the native ones, prints them and writes them.
// Usage: node scripts/bench.mjs FOLDER_OF_THE_PAGE FILE_TO_WRITE
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSite } from '../tests/e2e/harness.mjs';

const [folder, file] = process.argv.slice(2);

async function inBrowser() {
  const site = await startSite({ folder });
  try {
    const page = await site.browser.newPage();
    await page.goto(site.url);
    return await page.evaluate(async () => {
      const here = document.baseURI;
      const engine = await import(`${here}catchup_bench.js`);
      await engine.default();
      const log = JSON.parse(engine.benchLog());
      const { default: mitt } = await import(`${here}mitt.mjs`);
      const { run } = await import(`${here}javascript.mjs`);
      return { log, javascript: run(mitt) };
    });
  } finally {
    await site.close();
  }
}

function row(name, { bound_records_per_s, log_records_per_s, ratio, profile }) {
  const millions = (perSecond) => (perSecond / 1e6).toFixed(1);
  const ns = (value) => value.toFixed(1);
  return {
    '': name,
    'bound, million records/s': millions(bound_records_per_s),
    'log, million records/s': millions(log_records_per_s),
    ratio: ratio.toFixed(2),
    'write, ns (bound)': `${ns(profile.log_write_ns)} (${ns(profile.bound_write_ns)})`,
    'read, ns (bound)': `${ns(profile.log_read_ns)} (${ns(profile.bound_read_ns)})`,
  };
}

const PHASES = ['hash', 'partition', 'encode', 'append', 'fetch', 'memory', 'decode', 'sum'];

function phases(name, { profile }) {
  const spent = PHASES.map((phase) => [phase, profile.phases[`${phase}_ns`].toFixed(1)]);
  return { 'ns a record': name, ...Object.fromEntries(spent) };
}

function side({ bound_records_per_s, log_records_per_s, ratio }) {
  return { bound_records_per_s, log_records_per_s, ratio };
}

const native = JSON.parse(readFileSync(join(folder, 'native.json'), 'utf8')).log;
const { day } = JSON.parse(readFileSync(join(folder, 'day.json'), 'utf8'));
const { log: wasm, javascript } = await inBrowser();
const { js_records_per_s } = javascript;
const ratio_js = wasm.log_records_per_s / js_records_per_s;

console.table([row('native', native), row('WebAssembly', wasm)]);
console.table([phases('native', native), phases('WebAssembly', wasm)]);
console.log(`array of objects and mitt: ${(js_records_per_s / 1e6).toFixed(1)} million records/s; the log does ${ratio_js.toFixed(1)} times as many`);
console.log(`memory beyond key and value: ${wasm.overhead_bytes_per_record.toFixed(2)} bytes a record; at most ${(wasm.peak_bytes / 1e6).toFixed(0)} MB in all`);

const megabytes = (bytes) => (bytes === null ? 'unknown' : `${(bytes / 1e6).toFixed(1)} MB`);
console.log(`a simulated day of delivery tracking: ${day.records} records, logs of at most ${megabytes(day.log_bytes_peak)}, process of at most ${megabytes(day.process_bytes_peak)}`);

const figures = {
  log: {
    native: side(native),
    wasm: { ...side(wasm), js_records_per_s, ratio_js },
    overhead_bytes_per_record: wasm.overhead_bytes_per_record,
    peak_bytes: wasm.peak_bytes,
  },
  day,
};
writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
console.log(`written to ${file}`);
