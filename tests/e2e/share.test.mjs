// A run that is sent, saved, dropped, kept over a reload and a failure: it shows the same instant again, and what is damaged changes
// nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { checkAccessible, outage, ready, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };

/** Everything that a script sees of the run at the instant that is looked at. */
const seen = (page) =>
  page.evaluate(() => ({ ...catchup.snapshot(), playing: undefined, hash: catchup.trace_hash(), us: catchup.time_us(), branches: catchup.branches() }));
const withoutBranches = (run) => ({ ...run, branches: [] });
const link = (page) => page.evaluate(() => catchup.link());
const button = (page, name) => page.getByRole('button', { name, exact: true });

/** An outage in a run of a minute, looked at in its middle, and a road that was left. */
const outageAndRoad = async (page) => {
  await outage(page, { away: 10_000.25, leavesRoad: true });
  await page.evaluate(() => catchup.seek(25_000));
};

/** Another page in the same browser, which may not fail either. */
async function another(page, url, test) {
  const other = await page.context().newPage();
  const problems = [];
  other.on('pageerror', (error) => problems.push(String(error)));
  await other.goto(url);
  await ready(other);
  await test(other);
  assert.deepEqual(problems, []);
  await other.close();
}

/** What is kept in the browser. */
const keptRuns = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('catchup.run.')).length);
/** Waits until the run as it is now is kept. */
const isKept = (page) =>
  page.waitForFunction(() => {
    const us = `"at_us": ${catchup.time_us()},`;
    return Object.values(localStorage).some((kept) => kept.includes(us));
  });

test('a link shows exactly that instant on another page, and the run goes on from it', () =>
  site.visit({ ...DESK, ...CLIPBOARD }, async (page) => {
    await outageAndRoad(page);
    await button(page, 'Share').click();
    const panel = page.getByRole('region', { name: 'Send this run' });
    await panel.getByText('The link is on the clipboard.').waitFor();
    const field = panel.getByRole('textbox', { name: 'Link to this run at this instant' });
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(await field.inputValue(), copied);
    assert.equal(await link(page), copied);
    assert.ok(copied.length < 200, copied);
    await checkAccessible(page);
    await screenshot(page, 'share-1440-light');
    const run = await seen(page);
    await another(page, copied, async (other) => {
      assert.deepEqual(await seen(other), withoutBranches(run));
      assert.equal(await other.evaluate(() => catchup.snapshot().playing), false);
      await other.evaluate(() => catchup.advance(35_000));
      await page.evaluate(() => catchup.advance(35_000));
      assert.deepEqual(await seen(other), withoutBranches(await seen(page)));
    });
    await panel.getByRole('button', { name: 'Close' }).click();
    await panel.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.id), 'share');
  }));

test('whoever shares is told that the run is held for that, and it goes on; whoever opens it is told to press Play', () =>
  site.visit({ ...DESK, ...CLIPBOARD }, async (page) => {
    await outageAndRoad(page);
    await button(page, 'Play').click();
    await button(page, 'Share').click();
    const panel = page.getByRole('region', { name: 'Send this run' });
    await panel.getByText('Your run is held meanwhile, and goes on when you close this.').waitFor();
    const address = await page.evaluate(() => (catchup.link()));
    await panel.getByRole('button', { name: 'Close' }).click();
    await button(page, 'Pause').waitFor();
    await another(page, address, async (other) => {
      const told = other.locator('.arrival');
      await told.getByText(/^Somebody shared this run with you\. It is held at [\d:.]+: press Play to see what happens next\.$/).waitFor();
      await checkAccessible(other);
      await screenshot(other, 'arrived-1440-light');
      await other.setViewportSize({ width: 390, height: 844 });
      await screenshot(other, 'arrived-390-light');
      await told.getByRole('button', { name: 'Play' }).click();
      await told.waitFor({ state: 'detached' });
      await button(other, 'Pause').waitFor();
    });
  }));

test('without a clipboard the link is there to be copied', () =>
  site.visit({ ...PHONE, before: (page) => page.addInitScript(() => delete Navigator.prototype.clipboard) }, async (page) => {
    await outageAndRoad(page);
    await button(page, 'Share').click();
    await page.getByText('The clipboard cannot be reached: copy the link from here.').waitFor();
    const selected = await page.evaluate(() => {
      const { value, selectionStart, selectionEnd } = document.activeElement;
      return value.slice(selectionStart, selectionEnd);
    });
    assert.equal(selected, await link(page));
    await checkAccessible(page);
    await screenshot(page, 'share-390-dark');
  }));

test('a run that is too long for a link says so, and offers the file', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => {
      catchup.pause();
      for (let times = 0; times < 2001; times += 1) catchup.apply({ type: 'set_service_online', service: 'orders', online: times % 2 === 1 });
    });
    await assert.rejects(link(page), /A link holds 2000 commands, and this run has had 2001\. Save it as a file instead\./);
    await button(page, 'Share').click();
    await page.getByText('A link holds 2000 commands').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save as a file').click()]);
    assert.equal(JSON.parse(readFileSync(await download.path(), 'utf8')).commands.length, 2001);
  }));

test('a damaged, foreign or newer link says so, and the work goes on untouched', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    const good = await link(page);
    const wrong = [
      [good.slice(0, -3), /This link is damaged/],
      [good.replace('run=A', 'run=B'), /This link is damaged/],
      ['https://example.org/', /This is not a Catchup link/],
      [`#run=${'A'.repeat(8_000)}`, /This link has 8004 characters, and the limit is 8000/],
    ];
    for (const [damaged, expected] of wrong) {
      await assert.rejects(page.evaluate((damaged) => catchup.open(damaged), damaged), expected);
    }
    await assert.rejects(page.evaluate(() => catchup.open(7)), /link must be a text/);
    await page.evaluate((hash) => (location.hash = hash), new URL(wrong[0][0]).hash);
    await page.getByRole('alert').getByText('This link is damaged').waitFor();
    assert.deepEqual(await seen(page), run);
    await page.evaluate((hash) => (location.hash = hash), new URL(good).hash);
    await page.waitForFunction(() => catchup.branches().length === 0);
    assert.deepEqual(await seen(page), withoutBranches(run));
  }));

test('a long run is opened while the page is there, and need not be opened to its end', () =>
  site.visit(DESK, async (page) => {
    const hours = 6;
    const address = await page.evaluate((ms) => {
      catchup.pause();
      catchup.load('delivery', 3);
      catchup.advance(ms);
      return catchup.link();
    }, hours * 3_600_000);
    const opening = (other) => other.getByText('Opening the run:');
    await another(page, address, async (other) => {
      await opening(other).waitFor();
      await opening(other).waitFor({ state: 'detached', timeout: 60_000 });
      await other.getByText(`0${hours}:00:00.0`).first().waitFor();
    });
    await another(page, address, async (other) => {
      await button(other, 'Stop here').click();
      await opening(other).waitFor({ state: 'detached' });
      assert.ok((await other.evaluate(() => catchup.export_run().end_us)) < hours * 3_600_000_000);
    });
  }));

test('a page that is opened with a damaged link says so and begins as always', () =>
  site.visit({ ...DESK, path: '#run=AQdamaged' }, async (page) => {
    await page.getByRole('alert').getByText('This link is damaged').waitFor();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    assert.ok((await page.evaluate(() => catchup.snapshot())).time_ms >= 12_000);
    await checkAccessible(page);
  }));

test('a run is saved, opened and dropped with its branches', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save').click()]);
    assert.equal(download.suggestedFilename(), 'catchup-delivery-42.json');
    const file = readFileSync(await download.path(), 'utf8');
    const begin = () => page.evaluate(() => catchup.load('delivery', 1));
    const isBack = async () => {
      await page.waitForFunction((us) => catchup.time_us() === us, run.us);
      assert.deepEqual(await seen(page), run);
    };

    await begin();
    await page.locator('input[type=file]').setInputFiles({ name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(file) });
    await isBack();

    await begin();
    await drag(page, 'dragover', file);
    await page.locator('body[data-dropping]').waitFor();
    await screenshot(page, 'drop-1440-light');
    await drag(page, 'drop', file);
    await isBack();
    assert.equal(await page.locator('body[data-dropping]').count(), 0);

    await begin();
    const exported = JSON.parse(file);
    await page.evaluate((file) => catchup.import_run(file), exported);
    await isBack();
    assert.deepEqual(await page.evaluate(() => catchup.export_run()), exported);
    await page.evaluate((file) => catchup.import_run(file), file);
    await isBack();

    await drag(page, 'drop', file.slice(0, 400));
    await page.getByRole('alert').getByText('it is no JSON').waitFor();
    const wrong = { ...exported, commands: [{ at_us: 1, command: { type: 'shut_down', service: 'nobody' } }] };
    await assert.rejects(page.evaluate((file) => catchup.import_run(file), wrong), /command 1 \(at 00:00:00\.000001\) names the service "nobody"/);
    await assert.rejects(page.evaluate((file) => catchup.import_run(file), { ...exported, sede: 1 }), /sede: there is no such field/);
    await isBack();
  }));

/** Holds a file over the page, or lets it go. */
const drag = (page, name, text) =>
  page.evaluate(([name, text]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], 'run.json', { type: 'application/json' }));
    document.querySelector('main').dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
  }, [name, text]);

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
    await button(page, 'Leave it').click();
    await button(page, 'Go back to it').waitFor({ state: 'detached' });
    assert.equal((await seen(page)).services[0].name, 'storefront');
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
