// Runs the benchmarks' page in a headless browser, puts its figures beside the native ones, prints them and writes them.
// Usage: node scripts/bench.mjs FOLDER_OF_THE_BENCHMARKS FOLDER_OF_THE_SITE FILE_TO_WRITE
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startSite } from '../tests/e2e/harness.mjs';
import { feel } from './frames.mjs';

const [folder, dist, file] = process.argv.slice(2);

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

/** Goes to instants of an hour at fifty orders a second, on the page itself: what bench/src/timeline.rs does natively. */
async function goingBack() {
  const site = await startSite({ folder: resolve(dist) });
  try {
    const page = await site.browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => window.catchup);
    return await page.evaluate(() => {
      const [minutes, seeks, stride] = [60, 101, 37];
      catchup.pause();
      catchup.load('delivery', 1);
      catchup.apply({ type: 'set_arrival_rate', service: 'orders', arrivals_per_min: 3_000 });
      const began = performance.now();
      for (let minute = 0; minute < minutes; minute += 1) catchup.advance(60_000);
      const simulated_s_per_s = (minutes * 60_000) / (performance.now() - began);
      const took = Array.from({ length: seeks }, (_, index) => {
        const start = performance.now();
        catchup.seek(Math.floor((((index * stride) % seeks) * minutes * 60_000) / seeks));
        return performance.now() - start;
      }).sort((one, other) => one - other);
      return { simulated_s_per_s, seek_ms_median: took[seeks >> 1], seek_ms_max: took[seeks - 1] };
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

const { timeline: nativeTimeline } = JSON.parse(readFileSync(join(folder, 'timeline.json'), 'utf8'));
const timeline = { native: nativeTimeline, wasm: await goingBack() };
const ms = (value) => `${value.toFixed(0)} ms`;
for (const [name, figures] of Object.entries(timeline)) {
  const { simulated_s_per_s: speed, seek_ms_median, seek_ms_max } = figures;
  console.log(`an hour at fifty orders a second, ${name}: ${speed.toFixed(0)} simulated s per s; any instant of it in ${ms(seek_ms_median)} (median), ${ms(seek_ms_max)} (worst)`);
}
console.log(`its checkpoints take about ${megabytes(nativeTimeline.checkpoint_bytes)}`);

const { watching } = JSON.parse(readFileSync(join(folder, 'watching.json'), 'utf8'));
console.log(`watching a run: the ledger adds ${watching.ledger_percent.toFixed(1)} %, the promises ${watching.promises_percent.toFixed(1)} %, to the time it takes with nobody watching (${watching.simulated_s_per_s.toFixed(0)} simulated s per s)`);

const page = await feel(dist, 'bench/plain');
const rounded = (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value.toFixed(1))]));
console.log(`the page: first paint after ${ms(page.opened.first_paint_ms)}, usable after ${ms(page.opened.usable_ms)} (median of 5, nothing kept)`);
console.log(`at 1,000 times real time, input waits for the next picture at most ${ms(page.waited.longest_ms)} (${page.waited.events} events)`);
console.table(Object.fromEntries(Object.entries(page.frames).map(([name, row]) => [name, rounded(row)])));

const figures = {
  log: {
    native: side(native),
    wasm: { ...side(wasm), js_records_per_s, ratio_js },
    overhead_bytes_per_record: wasm.overhead_bytes_per_record,
    peak_bytes: wasm.peak_bytes,
  },
  day,
  timeline,
  watching,
  page,
};
writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
console.log(`written to ${file}`);
