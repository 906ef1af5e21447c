// How the page feels, measured on the built page in a headless browser: what a frame costs, how long input waits, how soon the
// page can be used. Beside it a plain page, which does nothing but write a number in each frame: what the browser itself takes.
//
// A frame's work is the whole task of the main thread in which the page's frame callback ran (script, style, layout and paint
// together), as the browser's own trace tells; the script is that callback alone.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { startSite } from '../tests/e2e/harness.mjs';

const TRACED_S = 8;
const SETTLED_MS = 3_000;
// A browser that has used less processor time than this between two looks at it is at rest.
const REST_S = 0.01;
const REST_EVERY_MS = 250;
const DELIVERY = JSON.parse(readFileSync(new URL('../static/scenarios/delivery.json', import.meta.url), 'utf8'));
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'];

/** The value below which `part` of the values lie. */
function quantile(values, part) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

async function trace(page, seconds) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: CATEGORIES } });
  await page.evaluate((ms) => new Promise((done) => setTimeout(done, ms)), seconds * 1_000);
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return events;
}

/** What frames cost while the page does what it does. `slower`: by how much the processor is slowed down. */
async function frames(page, slower) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  // By then the page has found out how slow the processor is.
  await page.evaluate((ms) => new Promise((done) => setTimeout(done, ms)), SETTLED_MS);
  const events = await trace(page, TRACED_S);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  const callbacks = events.filter((it) => it.name === 'FireAnimationFrame' && it.dur);
  const thread = callbacks[0] && `${callbacks[0].pid}-${callbacks[0].tid}`;
  const tasks = events.filter((it) => it.name === 'RunTask' && it.dur && `${it.pid}-${it.tid}` === thread);
  const within = (task) => callbacks.filter((it) => it.ts >= task.ts && it.ts < task.ts + task.dur);
  const drawing = tasks.map((task) => ({ ms: task.dur / 1_000, script: within(task).reduce((sum, it) => sum + it.dur / 1_000, 0) }));
  const framed = drawing.filter((it) => it.script > 0);
  return {
    frames_per_s: framed.length / TRACED_S,
    script_ms_p95: quantile(framed.map((it) => it.script), 0.95),
    work_ms_p50: quantile(framed.map((it) => it.ms), 0.5),
    work_ms_p95: quantile(framed.map((it) => it.ms), 0.95),
    longest_task_ms: Math.max(...drawing.map((it) => it.ms)),
  };
}

/** How long input waits at 1,000 times real time: from the event to the next picture, as the browser's event timing tells. */
async function waiting(page) {
  await page.evaluate(() => {
    window.waited = [];
    new PerformanceObserver((list) => window.waited.push(...list.getEntries().map((it) => it.duration))).observe({ type: 'event', durationThreshold: 16 });
  });
  await page.getByLabel('Speed').selectOption({ label: '1000×' });
  for (let round = 0; round < 5; round += 1) await page.getByRole('switch', { name: 'notifications' }).click();
  await page.locator('summary', { hasText: 'Publish a record by hand' }).click();
  const key = page.getByRole('textbox', { name: 'Key' });
  await key.fill('');
  await key.pressSequentially('order-1234567890', { delay: 20 });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const waited = await page.evaluate(() => window.waited);
  await page.getByLabel('Speed').selectOption({ label: '1×' });
  return { events: waited.length, longest_ms: Math.max(0, ...waited) };
}

/** Waits until the browser itself has nothing to do: a new window sets all its processes to work. */
async function atRest(browser) {
  const session = await browser.newBrowserCDPSession();
  const busy_s = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  for (let before = -1, now = await busy_s(); now - before > REST_S; [before, now] = [now, await busy_s()]) {
    await new Promise((done) => setTimeout(done, REST_EVERY_MS));
  }
  await session.detach();
}

/**
 * How soon the page can be used. A new context each time: nothing is kept; but in a browser that is up, as it is when somebody
 * follows a link.
 */
async function opening(site) {
  const took = [];
  for (let round = 0; round < 5; round += 1) {
    const context = await site.browser.newContext();
    const page = await context.newPage();
    await atRest(site.browser);
    // Looked for in each frame by the page itself: what this script waits for comes later.
    await page.addInitScript(() => {
      const look = () => {
        if (window.catchup && document.querySelector('main .news')) window.usable_ms = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(site.url);
    await page.waitForFunction(() => window.usable_ms);
    took.push(await page.evaluate(() => ({
      first_paint_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      usable_ms: window.usable_ms,
    })));
    await context.close();
  }
  return {
    first_paint_ms: quantile(took.map((it) => it.first_paint_ms), 0.5),
    usable_ms: quantile(took.map((it) => it.usable_ms), 0.5),
  };
}

/** The shipped scenario with 24 partitions and some 3,000 records a second, of which more than 2,000 are in flight at a time. */
function rush() {
  const topics = DELIVERY.topics.map((it) => (it.name === 'order-status' ? { ...it, partitions: 24 } : it));
  return { ...DELIVERY, name: 'rush', topics };
}

/** Everything about `dist`, the folder of the built page; `plain` is the folder of the plain page. */
export async function feel(dist, plain) {
  const results = {};
  const yardstick = await startSite({ folder: resolve(plain) });
  try {
    const page = await yardstick.browser.newPage();
    await page.goto(yardstick.url);
    results['plain page'] = await frames(page, 1);
    results['plain page, 4× slower'] = await frames(page, 4);
  } finally {
    await yardstick.close();
  }
  const site = await startSite({ folder: resolve(dist) });
  try {
    const opened = await opening(site);
    const page = await site.browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(site.url);
    await page.waitForFunction(() => window.catchup);
    results['default scenario'] = await frames(page, 1);
    results['default scenario, 4× slower'] = await frames(page, 4);
    const waited = await waiting(page);
    await page.evaluate((scenario) => {
      catchup.load(scenario);
      for (const [name, value] of [['instances', 4], ['max.poll.records', 500]]) {
        for (const service of ['logistics', 'notifications']) catchup.apply({ type: 'set_service_config', service, name, value });
      }
      catchup.apply({ type: 'set_arrival_rate', service: 'orders', arrivals_per_min: 30_000 });
      catchup.advance(60_000);
      catchup.play();
    }, rush());
    results['24 partitions, 2,000 records in flight'] = await frames(page, 1);
    return { opened, waited, frames: results };
  } finally {
    await site.close();
  }
}
