// A run that the browser keeps is where it was: after a reload, in another tab, at a later visit, after a failure.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { checkAccessible, ready, screenshot, startSite } from './harness.mjs';
import { another, button, isKept, keptRuns, link, outageAndRoad, seen, withoutBranches } from './runs.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };

test('a reload returns to where it was', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    await page.getByRole('combobox', { name: 'Speed' }).selectOption('20');
    const run = await seen(page);
    await page.reload();
    await ready(page);
    assert.deepEqual(await seen(page), run);
    assert.deepEqual(await page.evaluate(() => [catchup.snapshot().playing, document.querySelector('.speed select').value]), [false, '20']);
    assert.equal(await keptRuns(page), 1, 'the page before has left nothing behind');

    await button(page, 'Play').click();
    await page.reload();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    assert.ok((await seen(page)).us >= run.us, 'it runs on');

    await button(page, 'Share').click();
    await button(page, 'Play').waitFor();
    await page.reload();
    await button(page, 'Pause').waitFor(); // it was held for its link alone
  }));

test('after a reload, the run of a link is where it was, and not at its beginning', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    const address = await link(page);
    await another(page, address, async (other) => {
      await other.evaluate(() => catchup.advance(5_000));
      const run = await seen(other);
      await other.reload();
      await ready(other);
      assert.deepEqual(await seen(other), run);
      assert.equal(other.url(), address);
    });
  }));

test('two tabs keep what is theirs, a duplicated one too', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    await isKept(page);
    const [duplicate] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => window.open(location.href, '_blank') && undefined)]);
    await ready(duplicate);
    assert.deepEqual(await seen(duplicate), run, 'it begins where the other is');
    await duplicate.evaluate(() => catchup.load('delivery', 7));
    await duplicate.reload();
    await ready(duplicate);
    assert.equal((await seen(duplicate)).seed, 7);
    await page.reload();
    await ready(page);
    assert.deepEqual(await seen(page), run);
  }));

test('a later visit can go on with a run that no open page shows', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => {
      catchup.pause();
      catchup.load('delivery', 7);
      catchup.advance(40_000);
      catchup.apply({ type: 'shut_down', service: 'logistics' });
    });
    await isKept(page);
    const run = await seen(page);
    const open = await page.context().newPage();
    await open.goto(site.url);
    await ready(open);
    await page.close();
    await outageAndRoad(open);
    await isKept(open);
    const later = await page.context().newPage();
    await later.goto(site.url);
    const offer = later.getByText('Last time you were at 00:00:40.0 of');
    await offer.waitFor();
    await checkAccessible(later);
    await screenshot(later, 'offer-1440-light');
    await later.getByRole('button', { name: 'Go on where you were' }).click();
    await offer.waitFor({ state: 'detached' });
    assert.deepEqual(await seen(later), run);
  }));

test('a run that was left for another system is offered back, and is where it was', () =>
  site.visit({ ...DESK, reducedMotion: 'reduce' }, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    const system = page.getByRole('combobox', { name: 'System' });
    await system.selectOption('shop');
    await page.getByText(/^Your run of .Delivery tracking. is kept as it was at 00:00:25\.0\.$/).waitFor();
    assert.equal((await seen(page)).services[0].name, 'storefront');
    await checkAccessible(page);
    await screenshot(page, 'set-aside-1440-light');
    await button(page, 'Go back to it').click();
    await button(page, 'Go back to it').waitFor({ state: 'detached' });
    assert.deepEqual(await seen(page), run, 'with the road that was left');
    await page.waitForFunction(() => document.querySelector('.top select').value === 'delivery');
    await system.selectOption('shop');
    await button(page, 'Forget that run').click();
    await button(page, 'Go back to it').waitFor({ state: 'detached' });
    assert.equal((await seen(page)).services[0].name, 'storefront');
  }));

/** Waits until the browser keeps a run that was left, or none. */
const leftIsKept = (page, isKept) =>
  page.waitForFunction((isKept) => Object.keys(localStorage).some((key) => key.startsWith('catchup.left.')) === isKept, isKept);
const leftForShop = async (page) => {
  await page.getByRole('combobox', { name: 'System' }).selectOption('shop');
  await button(page, 'Go back to it').waitFor();
};

test('a run that was left is gone back to after a reload too', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    await leftForShop(page);
    for (const time of ['once', 'twice']) {
      await page.reload();
      await ready(page);
      await page.getByText(/^Your run of .Delivery tracking. is kept as it was at 00:00:25\.0\.$/).waitFor();
      assert.equal((await seen(page)).services[0].name, 'storefront', time);
    }
    await page.getByRole('button', { name: 'Undo' }).click();
    await button(page, 'Go back to it').waitFor({ state: 'detached' });
    await page.waitForFunction(() => catchup.time_us() === 25_000_000);
    assert.deepEqual(await seen(page), run, 'with the road that was left');
    await page.reload();
    await ready(page);
    assert.deepEqual(await seen(page), run);
    assert.equal(await button(page, 'Go back to it').count(), 0);
    await leftIsKept(page, false);
    await leftForShop(page);
    await leftIsKept(page, true);
    await button(page, 'Forget that run').click();
    await leftIsKept(page, false);
    await page.reload();
    await ready(page);
    assert.equal(await button(page, 'Go back to it').count(), 0);
  }));

test('where there is room for one run only, it is the one that is shown', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    await leftForShop(page);
    await leftIsKept(page, true);
    await page.evaluate(() => {
      const set = Storage.prototype.setItem;
      Storage.prototype.setItem = function (key, value) {
        const others = Object.keys(this).filter((other) => other !== key && /^catchup\.(run|left)\./.test(other));
        if (this === localStorage && others.length > 0) throw new DOMException('full', 'QuotaExceededError');
        set.call(this, key, value);
      };
    });
    await page.evaluate(() => catchup.advance(100));
    const said = page.getByRole('alert').getByText('This browser cannot keep the run that you left');
    await said.waitFor();
    await leftIsKept(page, false);
    await isKept(page);
    await button(page, 'Dismiss').click();
    await page.evaluate(() => catchup.advance(100));
    await isKept(page);
    await leftIsKept(page, false);
    assert.equal(await said.count(), 0, 'it is not tried again');
    await button(page, 'Go back to it').waitFor();
  }));

const FORBIDDEN = () => {
  const forbid = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: forbid });
};
const FULL = () => {
  Storage.prototype.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
};

for (const [what, init, why] of [['forbidden', FORBIDDEN, 'It forbids pages to store anything.'], ['full', FULL, 'Its storage for this page is full']]) {
  test(`${what} storage is said once, and nothing else breaks`, () =>
    site.visit({ ...DESK, before: (page) => page.addInitScript(init), allow: [/the choice of colours will be forgotten/] }, async (page) => {
      const said = page.getByRole('alert').getByText(why);
      await said.waitFor();
      await button(page, 'Dismiss').click();
      await outageAndRoad(page);
      await page.getByRole('switch', { name: 'logistics' }).click();
      await button(page, 'Step').click();
      assert.equal(await said.count(), 0);
      await page.goto(await link(page));
      await page.reload();
      await ready(page);
      assert.equal((await seen(page)).services.find(({ name }) => name === 'logistics').online, false);
    }));
}

// Nothing on the page fails on purpose. But it looks at the clock while it holds the run, and whoever takes its place then asks for the
// run comes upon that: the same as any other failure.
const fail = async (page) => {
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('100'); // so that it looks at the clock
  await page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => {
      try {
        catchup.snapshot();
      } catch (error) {
        performance.now = now; // once is enough
        throw error;
      }
      return now();
    };
    catchup.play();
  });
};
const FAILURE = [/already mutably borrowed/, /unreachable/, /recursive use of an object/, /closure invoked/];

test('a failure says what happened, offers the run, and goes on from where it was kept', () =>
  site.visit({ ...DESK, allow: FAILURE }, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    await isKept(page);
    await fail(page);
    await page.getByRole('heading', { name: 'Something in Catchup went wrong' }).waitFor();
    await page.getByText('Your run is not lost').waitFor();
    await checkAccessible(page);
    await screenshot(page, 'failed-1440-light');
    const address = await page.getByRole('textbox', { name: 'Link to the run shortly before it failed' }).inputValue();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save it as a file' }).click()]);
    await another(page, address, async (other) => assert.deepEqual(await seen(other), withoutBranches(run)));
    await button(page, 'Go on from there').click();
    await page.getByRole('alert').getByText('Catchup had failed, and was started again').waitFor();
    assert.deepEqual(await seen(page), run);
    const file = readFileSync(await download.path(), 'utf8');
    await page.evaluate((file) => catchup.import_run(file), file);
    assert.deepEqual(await seen(page), run);
  }));

test('after a failure one can begin anew, and without storage one goes on by the link', () =>
  site.visit({ ...DESK, allow: [...FAILURE, /the choice of colours/], before: (page) => page.addInitScript(FORBIDDEN) }, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    await page.waitForFunction(() => window.catchupKept?.file.includes('"at_us": 25000000,'));
    await fail(page);
    await button(page, 'Go on from there').click();
    await page.waitForFunction(() => 'catchup' in window && catchup.time_us() === 25_000_000);
    assert.deepEqual(await seen(page), withoutBranches(run));
    await fail(page);
    await button(page, 'Begin anew').click();
    await page.waitForFunction(() => 'catchup' in window && catchup.snapshot().playing);
    assert.equal(new URL(page.url()).hash, '');
  }));
