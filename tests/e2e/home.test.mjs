// At home in the browser: the page's policy holds in every state, nothing leaves the origin, and without a network, or when a new version
// comes, the work goes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkAccessible, ready, screenshot, startSite } from './harness.mjs';
import { tour } from './tour.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] };
const KEPT = { ...DESK, serviceWorkers: 'allow' };
const CUT_OFF = [/ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_FAILED/];

let site;
const copies = [];
before(async () => (site = await startSite()));
after(async () => {
  await site?.close();
  for (const folder of copies) rmSync(folder, { recursive: true });
});

const button = (page, name) => page.getByRole('button', { name, exact: true });
/** Waits until the page is kept for use without a network. */
const isKept = (page) => page.locator('html[data-kept]').waitFor({ state: 'attached' });
const caches = (page) => page.evaluate(() => self.caches.keys());
const hash = (page) => page.evaluate(() => catchup.trace_hash());

/** Does something with a site of one's own. */
async function withSite(options, work) {
  const own = await startSite(options);
  try {
    await work(own);
  } finally {
    await own.close();
  }
}

/** A built page of one's own that may be changed. */
function copyOfDist() {
  const folder = mkdtempSync(join(tmpdir(), 'catchup-'));
  copies.push(folder);
  cpSync(join(ROOT, 'dist'), folder, { recursive: true });
  return folder;
}

/** The version after: another title, and a list of files that says so. */
function renew(folder, title, environment = {}) {
  const page = join(folder, 'index.html');
  writeFileSync(page, readFileSync(page, 'utf8').replace(/<title>.*<\/title>/, `<title>${title}</title>`));
  cpSync(join(ROOT, 'static/sw.js'), join(folder, 'sw.js'));
  const env = { ...process.env, TRUNK_STAGING_DIR: folder, ...environment };
  execFileSync('bash', [join(ROOT, 'scripts/precache.sh')], { env });
}

test('nothing in any state of the page breaks its policy, and the policy is a strict one', () => {
  const violations = [];
  const listen = async (page) => {
    await page.exposeFunction('tellViolation', (text) => violations.push(text));
    await page.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) =>
        window.tellViolation(`${effectiveDirective}: ${blockedURI} ${sample}`),
      ),
    );
  };
  return site.visit({ ...KEPT, before: listen, allow: [/Content Security Policy/] }, async (page) => {
    await tour(page);
    assert.deepEqual(violations, []);
    const policy = await page.locator('meta[http-equiv]').getAttribute('content');
    assert.match(policy, /^default-src 'none'; /);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*|https?:|data:|blob:/);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.isBroken = true';
      document.body.append(script);
      document.querySelector('main').setAttribute('style', 'color: red');
    });
    await page.waitForFunction(() => document.querySelector('main'));
    assert.equal(await page.evaluate(() => 'isBroken' in window), false);
    assert.deepEqual(violations.map((text) => text.split(':')[0]).sort(), ['script-src-elem', 'style-src-attr']);
  });
});

test('nothing ever leaves the folder that the page is hosted in', () => {
  const requests = [];
  const record = (page) => page.context().on('request', (sent) => requests.push(sent.url()));
  return site.visit({ ...KEPT, before: record }, async (page) => {
    await tour(page);
    await page.reload();
    await ready(page);
    const outside = requests.filter((address) => !address.startsWith(site.url) && !address.startsWith(`blob:${new URL(site.url).origin}`));
    assert.deepEqual(outside, []);
    assert.ok(requests.length > 10, 'the requests of the page itself were seen');
  });
});

test('once it was met, the page is used without a network', () =>
  site.visit({ ...KEPT, allow: CUT_OFF }, async (page) => {
    await isKept(page);
    await page.context().setOffline(true);
    await page.getByText('You are offline. Everything here goes on').waitFor();
    await checkAccessible(page);
    await screenshot(page, 'offline-1440-light');
    await button(page, 'Dismiss').click();
    await page.reload();
    await ready(page);
    await page.getByText('You are offline.').waitFor();
    await tour(page);
    await page.context().setOffline(false);
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
  }));

test('without a server the page opens a link, switches a service, searches, and has its scenarios', () =>
  withSite({}, (own) => own.visit({ ...KEPT, colorScheme: 'dark', viewport: { width: 390, height: 844 }, allow: CUT_OFF }, async (page) => {
    await isKept(page);
    const link = await page.evaluate(() => (catchup.pause(), catchup.load('delivery', 9), catchup.advance(20_000), catchup.link()));
    const expected = await hash(page);
    await own.stopServer();
    await page.goto('about:blank');
    await page.goto(link.replace('#', '?anything=else#'));
    await ready(page);
    assert.equal(await hash(page), expected);
    await page.getByRole('switch', { name: 'notifications' }).click();
    await page.getByText('notifications is offline').first().waitFor();
    const found = await page.evaluate(() => catchup.search({ promise: 'nothing_twice' }));
    assert.equal(found.stage, 'found');
    const scenario = await page.evaluate(async () => (await fetch('scenarios/delivery.json')).text());
    await page.evaluate((scenario) => catchup.load(scenario, 3), scenario);
    assert.equal(await page.evaluate(() => catchup.snapshot().seed), 3);
    await screenshot(page, 'no-server-390-dark');
  })));

test('a new version is offered, is not put in place of the one that is worked with, and loses nothing', () => {
  const folder = copyOfDist();
  return withSite({ folder }, (own) => own.visit(KEPT, async (page) => {
    await isKept(page);
    await page.reload();
    await ready(page);
    const [first] = await caches(page);
    await page.evaluate(() => {
      window.isStillThere = true;
      catchup.pause();
    });
    await page.getByRole('switch', { name: 'notifications' }).click();
    const before = await hash(page);

    renew(folder, 'Catchup, renewed');
    await page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration()).update()));
    await page.getByText('A new version of Catchup is ready.').waitFor();
    await checkAccessible(page);
    await screenshot(page, 'new-version-1440-light');
    assert.equal(await page.evaluate(() => window.isStillThere), true);
    assert.equal((await caches(page)).length, 2);
    assert.equal(await page.evaluate(async () => (await (await fetch('index.html')).text()).includes('renewed')), false);

    await Promise.all([page.waitForEvent('load'), button(page, 'Use it now').click()]);
    await ready(page);
    assert.equal(await page.title(), 'Catchup, renewed');
    assert.equal(await hash(page), before);
    const kept = await caches(page);
    assert.ok(kept.length === 1 && kept[0] !== first, JSON.stringify(kept));
  }));
});

test('a page that is worked on comes from the network, also where one was kept before', () => {
  const folder = copyOfDist();
  return withSite({ folder }, (own) => own.visit(KEPT, async (page) => {
    await isKept(page);
    renew(folder, 'Catchup, being worked on', { CATCHUP_NO_CACHE: '1' });
    await page.reload();
    await page.evaluate(async () => {
      const isThere = async () => (await navigator.serviceWorker.getRegistrations()).length > 0;
      while (await isThere()) await new Promise(requestAnimationFrame);
    });
    assert.deepEqual(await caches(page), []);
    await page.reload();
    await ready(page);
    assert.equal(await page.title(), 'Catchup, being worked on');
    assert.equal(await page.locator('html[data-kept]').count(), 0);
  }));
});

test('the page can be installed', () =>
  site.visit(KEPT, async (page) => {
    const session = await page.context().newCDPSession(page);
    const { url, errors, data } = await session.send('Page.getAppManifest');
    assert.ok(url.startsWith(site.url), url);
    assert.deepEqual(errors, []);
    for (const { src, sizes } of JSON.parse(data).icons) {
      const size = await page.evaluate(async (src) => {
        const image = new Image();
        image.src = src;
        await image.decode();
        return `${image.naturalWidth}x${image.naturalHeight}`;
      }, src);
      assert.ok(sizes === 'any' || sizes === size, `${src} is ${size}`);
    }
    await isKept(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A context of a test is like a private window.
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
  }));
