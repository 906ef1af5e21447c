// What the page's tests stand on: the built page on a local server, in a headless Chromium that may reach nothing else.
//
//   const site = await startSite();                       // once for a file of tests
//   await site.visit({ viewport: { width: 390, height: 844 } }, async (page) => {
//     ...                                                 // `page` is Playwright's
//     await checkAccessible(page);
//     await screenshot(page, 'phone');                    // target/e2e/phone.png
//   });
//   await site.close();
//
// A visit fails by itself on a console error, an uncaught error, a failed request or a request to another origin. What a
// test does in a visit returns when the page has drawn what came of it: the page draws in the next frame, not at once.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from './serve.mjs';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCREENSHOTS = join(ROOT, 'target/e2e');

// No GPU, no first-run page, none of the requests that a browser makes on its own.
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

function fromEnvironment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with \`make test-e2e\``);
  return value;
}

/** Serves `folder` below `base` and launches the browser, with a new profile. */
export async function startSite({ folder = join(ROOT, 'dist'), base = '/some/path/' } = {}) {
  const { chromium } = require(fromEnvironment('PLAYWRIGHT_CORE'));
  const server = await serve(folder, { base });
  let browser;
  try {
    browser = await chromium.launch({ executablePath: fromEnvironment('CHROMIUM'), args: FLAGS });
  } catch (error) {
    await server.close();
    throw error;
  }
  return {
    url: server.url,
    browser,
    stopServer: server.close,
    visit: (options, test) => visit(browser, server.url, options, test),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * Opens the page in a context of its own (nothing stored), runs `test` with it, and fails on anything that went wrong
 * meanwhile. `options` are Playwright's for a new context (service workers are blocked unless they say otherwise), and:
 * `path`: what to open, relative to the site ("", "?seed=7", "#faults");
 * `allow`: regular expressions for problems that the test provokes;
 * `before`: called with the page before it is opened, for example to fill the storage;
 */
async function visit(browser, url, { path = '', allow = [], before, ...options }, test) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block', ...options });
  context.setDefaultTimeout(15_000);
  try {
    const page = await context.newPage();
    const problems = watch(context, page, new URL(url).origin);
    await before?.(page);
    await page.goto(new URL(path, url).href);
    await ready(page);
    drawAfterActions(page);
    await test(page);
    await drawn(page); // so that what the last step caused is seen
    const unexpected = problems.filter((problem) => !allow.some((pattern) => pattern.test(problem)));
    assert.deepEqual(unexpected, [], 'the page should raise no error and stay on its origin');
  } finally {
    await context.close();
  }
}

/** Waits until the page has started and all of it is there. */
export const ready = (page) => page.waitForFunction(() => 'catchup' in window && document.querySelector('main > .end > *'));

/** Waits until what has been done to the page is drawn: what came of it in the next frame, what else is seen in the one after. */
async function drawn(page) {
  while (!page.isClosed()) {
    try {
      return await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))));
    } catch (error) {
      // What was done may have closed the page, or left it for another, which begins anew.
      if (/has been closed/.test(error.message)) return;
      if (!/navigation|context was destroyed/.test(error.message)) throw error;
      await page.waitForLoadState();
    }
  }
}

/** What a person can do, by what it is done with. */
const ACTIONS = {
  locator: ['click', 'dblclick', 'check', 'hover', 'press', 'fill', 'pressSequentially', 'selectOption', 'setInputFiles', 'focus', 'dispatchEvent'],
  keyboard: ['press', 'type', 'down', 'up'],
  mouse: ['click', 'move', 'down', 'up'],
  page: ['emulateMedia', 'setViewportSize', 'reload'],
};

/** From now on an action on the page returns when the page has drawn what came of it. */
function drawAfterActions(page) {
  const thing = { locator: Object.getPrototypeOf(page.locator('html')), keyboard: page.keyboard, mouse: page.mouse, page };
  for (const [kind, names] of Object.entries(ACTIONS)) {
    for (const name of names) {
      const act = thing[kind][name];
      if (act.isDrawn) continue; // all pages share the locators' prototype
      thing[kind][name] = async function (...options) {
        const result = await act.apply(this, options);
        await drawn(kind === 'locator' ? this.page() : page);
        return result;
      };
      thing[kind][name].isDrawn = true;
    }
  }
}

function watch(context, page, origin) {
  const problems = [];
  const request = (address) => {
    const { protocol, origin: to } = new URL(address);
    if (!['data:', 'blob:', 'about:'].includes(protocol) && to !== origin) {
      problems.push(`request to another origin: ${address}`);
    }
  };
  page.on('pageerror', (error) => problems.push(`uncaught error: ${error.stack ?? error}`));
  page.on('crash', () => problems.push('the page crashed'));
  page.on('websocket', (socket) => problems.push(`web socket: ${socket.url()}`));
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console error: ${message.text()} (${message.location().url})`);
  });
  context.on('request', (sent) => request(sent.url()));
  context.on('requestfailed', (sent) => {
    // A navigation away or a closing page cancels what is under way.
    const reason = sent.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') problems.push(`failed request: ${sent.url()}: ${reason}`);
  });
  context.on('response', (got) => {
    if (got.status() >= 400) problems.push(`status ${got.status()}: ${got.url()}`);
  });
  return problems;
}

/**
 * Notifications goes away in a new run of the shipped delivery tracking, which is held: after `before` milliseconds, for `away`, and
 * the run goes on for `after`. With `leavesRoad`, another road was tried first, on which it went away later.
 */
export const outage = (page, { before = 20_000, away = 10_000, after = 30_000, leavesRoad = false } = {}) =>
  page.evaluate(
    ([before, away, after, leavesRoad]) => {
      catchup.pause();
      catchup.load('delivery', 42);
      const turn = (online) => catchup.apply({ type: 'set_service_online', service: 'notifications', online });
      catchup.advance(before);
      if (leavesRoad) {
        catchup.advance(30_000);
        turn(false);
        catchup.seek(before);
      }
      turn(false);
      catchup.advance(away);
      turn(true);
      catchup.advance(after);
    },
    [before, away, after, leavesRoad],
  );

/** Writes target/e2e/NAME.png and returns its path. `options` are Playwright's for a screenshot. */
export async function screenshot(page, name, options = {}) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const path = join(SCREENSHOTS, `${name}.png`);
  await page.screenshot({ path, ...options });
  return path;
}

/**
 * Runs axe-core on the page and fails with one paragraph for each violation.
 * `within`: a CSS selector for the part to look at; `options` are axe-core's (rules, runOnly).
 */
export async function checkAccessible(page, { within = 'html', ...options } = {}) {
  const source = readFileSync(join(fromEnvironment('AXE_CORE'), 'axe.min.js'), 'utf8');
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  const { violations, passes } = await page.evaluate(
    ([selector, settings]) => window.axe.run(selector, { resultTypes: ['violations'], ...settings }),
    [within, options],
  );
  assert.ok(passes.length > 0, 'axe-core should have had something to check');
  const paragraphs = violations.map(({ id, impact, help, nodes }) => {
    const places = nodes.map(({ target, failureSummary }) => {
      const summary = failureSummary.split('\n').slice(1).map((line) => line.trim()).join('; ');
      return `    ${target.join(' ')}: ${summary}`;
    });
    return [`  ${id} (${impact}): ${help}`, ...places].join('\n');
  });
  assert.equal(violations.length, 0, `accessibility violations:\n${paragraphs.join('\n')}`);
}

/** Nothing is wider than the page or than the card it is in, and every control is large enough to hit. */
export async function checkFits(page) {
  const faults = await page.evaluate(() => {
    const found = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} wide in ${clientWidth}`);
    for (const box of document.querySelectorAll('.card, .panel, .outcome, .topic, .news, .time, .inspector')) {
      if (box.scrollWidth > box.clientWidth + 1) found.push(`${box.className} is ${box.scrollWidth} wide in ${box.clientWidth}`);
    }
    for (const control of document.querySelectorAll('button, select, input:not([type=file]), summary')) {
      const { width, height } = control.getBoundingClientRect();
      if (width > 0 && (width < 24 || height < 24)) found.push(`${control.className || control.tagName} is ${width} by ${height}`);
    }
    return found;
  });
  assert.deepEqual(faults, []);
}
