// The run over time: any instant of it can be looked at, what was done can be taken back, and acting in the past takes another road.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, outage, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };

const time = (page) => page.evaluate(() => catchup.snapshot().time_ms);
const hash = (page) => page.evaluate(() => catchup.trace_hash());
const isOnline = (page) => page.evaluate(() => catchup.snapshot().services[2].online);

test('the scrubber shows any instant, and the run goes on from there as it did', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    const end = await hash(page);
    const scrubber = page.getByRole('slider', { name: 'Instant of the run' });
    await scrubber.fill('25000');
    assert.equal(await time(page), 25_000);
    assert.equal(await isOnline(page), false);
    await page.getByText('notifications is offline').first().waitFor();
    await scrubber.press('ArrowLeft');
    assert.equal(await time(page), 24_900);
    await checkAccessible(page);
    await screenshot(page, 'the-past-1440-light');
    await page.getByText('You are looking at 0:24 of 1:00.').waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByText('You are looking at').waitFor({ state: 'detached' });
    assert.deepEqual([await time(page), await hash(page)], [60_000, end]);
    await page.evaluate(() => catchup.seek(5_000));
    await page.evaluate(() => catchup.advance(55_000));
    assert.equal(await hash(page), end);
    await assert.rejects(page.evaluate(() => catchup.seek(60_001)), /time_ms is 60001; it must be from 0 to 60000/);
  }));

test('while time runs what is out of sight keeps up as well, and what is held is all of one instant', () =>
  site.visit({ ...DESK, viewport: { width: 1440, height: 500 } }, async (page) => {
    await outage(page);
    const ledger = page.getByRole('region', { name: 'What became of every update' });
    assert.ok((await ledger.boundingBox()).y > 500, 'it is out of sight');
    const shown = () => ledger.evaluate((it) => it.querySelector('.accounts').textContent.replaceAll(',', ''));
    const before = await shown();
    await page.evaluate(() => catchup.play());
    await page.waitForFunction((before) => document.querySelector('.accounts').textContent.replaceAll(',', '') !== before, before);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const [accounts, clock] = await page.evaluate(() => [catchup.ledger(), catchup.snapshot().time_ms]);
    for (const { published } of accounts) assert.match(await shown(), new RegExp(`${published} published`));
    const [, tenths] = /\.(\d)/.exec(await page.locator('.time').textContent());
    assert.equal(Number(tenths), Math.floor(clock / 100) % 10);
  }));

test('what was done is taken back and done again', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    const end = await hash(page);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone: notifications on').waitFor();
    assert.equal(await isOnline(page), false);
    await page.getByRole('button', { name: 'Redo' }).click();
    assert.equal(await hash(page), end);
    assert.deepEqual(await page.evaluate(() => [catchup.undo(), catchup.undo(), catchup.undo(), catchup.redo()]), [true, true, false, true]);
  }));

test('acting in the past takes another road, and the one that was left can be gone back to', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    const end = await hash(page);
    await page.evaluate(() => catchup.seek(10_000));
    await page.getByRole('switch', { name: 'logistics' }).click();
    assert.deepEqual(await page.evaluate(() => catchup.branches()), [{ name: 'road 1', commands: 2, end_ms: 60_000 }]);
    await page.evaluate(() => catchup.advance(50_000));
    await page.locator('summary', { hasText: 'Other roads (1)' }).click();
    const logistics = page.locator('.road-table tbody', { hasText: 'logistics' });
    const lag = async (side) => Number(await logistics.getByRole('row', { name: side }).getByRole('cell').first().innerText());
    assert.equal(await lag('this run'), await page.evaluate(() => catchup.snapshot().services[1].lag));
    assert.ok((await lag('that road')) < 10, 'it was never off there');
    const more = (await lag('this run')) - (await lag('that road'));
    await logistics.getByRole('cell', { name: `${more} more`, exact: true }).waitFor();
    await page.getByText(/^Both as they were at 00:01:00\.0, the instant that you look at\./).waitFor();
    await page.getByText(/^All services together, on this run the lag is \d+ higher than on that road\.$/).waitFor();
    await page.getByRole('textbox', { name: 'Name of this road' }).fill('a short outage');
    await page.getByRole('textbox', { name: 'Name of this road' }).press('Enter');
    assert.equal(await page.evaluate(() => catchup.branches()[0].name), 'a short outage');
    await checkAccessible(page);
    await screenshot(page, 'roads-1440-light');
    await page.getByRole('button', { name: 'Go there' }).click();
    assert.equal(await hash(page), end);
    await page.getByRole('button', { name: 'Forget' }).click();
    assert.deepEqual(await page.evaluate(() => catchup.branches()), []);
  }));

test('two roads are compared at an instant that both have reached, and both lines are drawn from the fork on', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    await page.evaluate(() => {
      catchup.seek(25_000);
      catchup.apply({ type: 'set_service_online', service: 'notifications', online: true });
    });
    await page.locator('summary', { hasText: 'Other roads (1)' }).click();
    await page.getByText('Up to 00:00:25.0 both roads are the same.').waitFor();
    await page.evaluate(() => catchup.advance(4_000));
    await page.getByText('Both as they were at 00:00:29.0, the instant that you look at.').waitFor();
    await page.getByRole('row', { name: /^this run has \d+ fewer the same/ }).waitFor();
    await page.evaluate(() => catchup.advance(80_000));
    await page.getByText('Both as they were at 00:01:00.0, the last one that both have reached.').waitFor();
    const lines = page.getByRole('img', { name: /^Lag of all services together, from 0:04 to 1:49\. this run: \d+ at most, \d+ at its end; that road: / });
    assert.equal(await lines.locator('polyline').count(), 2);
    await page.getByText('The lines as a table').click();
    await page.getByRole('row', { name: '00:01:49.0' }).getByRole('cell', { name: '–' }).waitFor();
    await page.getByText('The lines as a table').click();
    await lines.waitFor();
    const lost = page.locator('.road-table').getByRole('button', { name: 'Lost' });
    await lost.click();
    await page.getByText('An update is lost to a service that').waitFor();
    await lost.press('Escape');
    await lines.waitFor();
  }));

test('a road that came with a file is known once somebody has been there', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    await page.evaluate(() => {
      catchup.seek(10_000);
      catchup.apply({ type: 'set_service_online', service: 'logistics', online: false });
      catchup.advance(30_000);
    });
    const file = await page.evaluate(() => catchup.export_run());
    await page.evaluate((file) => catchup.import_run(file), file);
    await page.locator('summary', { hasText: 'Other roads (1)' }).click();
    await page.getByText('How it went is not known yet').waitFor();
    await page.getByRole('button', { name: 'Go there' }).click();
    await page.getByText('Both as they were at 00:00:40.0, the last one that both have reached.').waitFor();
    await page.getByRole('button', { name: 'Go there' }).click();
    await page.getByText('Both as they were at 00:00:40.0, the instant that you look at.').waitFor();
  }));

for (const [width, height] of [[2560, 1440], [1024, 768], [390, 844], [360, 640]]) {
  for (const colorScheme of ['dark', 'light']) {
    test(`the comparison of two roads fits: ${width} wide, ${colorScheme}`, () =>
      site.visit({ ...DESK, viewport: { width, height }, colorScheme }, async (page) => {
        await outage(page);
        await page.evaluate(() => {
          catchup.seek(25_000);
          catchup.apply({ type: 'set_service_online', service: 'notifications', online: true });
          catchup.advance(10_000);
        });
        await page.locator('.tools summary', { hasText: 'Other roads' }).click();
        const body = page.locator('.tool[open] .tool-body');
        await body.locator('.road-plot').waitFor();
        const { left, right, spills } = await body.evaluate((it) => {
          const { left, right } = it.getBoundingClientRect();
          const words = [...it.querySelectorAll('.road-name, .fork-name, td, th, p')].filter((part) => part.checkVisibility());
          return { left, right, spills: words.filter((part) => part.getBoundingClientRect().right > right).map((part) => part.textContent) };
        });
        assert.ok(left >= 0 && right <= width, `from ${left} to ${right}`);
        assert.deepEqual(spills, []);
        assert.equal(await body.evaluate((it) => it.scrollWidth - it.clientWidth), 0, 'it does not scroll sideways');
        const [one, other] = await page.locator('.road-name').evaluateAll((names) => names.map((it) => it.getBoundingClientRect().toJSON()));
        assert.ok(one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top, 'names lie on each other');
        await checkAccessible(page);
        await screenshot(page, `two-roads-${width}-${colorScheme}`);
      }));
  }
}

for (const [name, options] of Object.entries({ desk: DESK, phone: { ...DESK, viewport: { width: 390, height: 844 }, colorScheme: 'dark' } })) {
  test(`whoever acts in the past is told that time is held there, and goes on with one press: ${name}`, () =>
    site.visit(options, async (page) => {
      await outage(page);
      await page.evaluate(() => catchup.seek(10_000));
      const top = () => page.locator('.flow').evaluate((it) => it.getBoundingClientRect().top + scrollY);
      const before = await top();
      await page.getByRole('button', { name: 'Take notifications offline' }).click();
      await page.getByText('Another road from 0:10 on. Time is held.').waitFor();
      assert.equal(await top(), before, 'nothing below moves for that');
      await checkAccessible(page);
      await screenshot(page, `another-road-${name}`);
      const on = page.getByRole('button', { name: 'Go on from here' });
      assert.ok(await on.evaluate((it) => it === document.activeElement), 'the keyboard is on it');
      await on.press('Enter');
      await page.waitForFunction(() => catchup.snapshot().time_ms > 10_000);
      await page.getByText('Another road from').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Bring notifications back' }).waitFor();
    }));
}

test('whoever has acted in the past goes back to the road before with one press', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    const end = await hash(page);
    await page.evaluate(() => catchup.seek(10_000));
    await page.getByRole('switch', { name: 'logistics' }).click();
    await page.getByRole('button', { name: 'Back to the old road' }).click();
    assert.equal(await hash(page), end);
  }));

test('what happened is marked on the line and listed, and each moment can be gone to', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    await page.locator('summary', { hasText: 'What happened' }).click();
    await page.locator('.scrubber .mark-back').waitFor({ state: 'attached' });
    await checkAccessible(page);
    await screenshot(page, 'what-happened-1440-light');
    await page.getByRole('button', { name: /notifications was switched back on/ }).click();
    assert.equal(await time(page), 30_000);
  }));

test('time stops at the instant at which something happens', () =>
  site.visit({ ...DESK, colorScheme: 'dark' }, async (page) => {
    await page.evaluate(() => {
      catchup.pause();
      catchup.load('delivery', 42);
    });
    await page.locator('summary', { hasText: 'Hold when …' }).click();
    const hold = page.locator('.tool[open]');
    await hold.getByRole('textbox', { name: 'Lag above' }).fill('many');
    await hold.getByRole('button', { name: 'Hold there' }).click();
    await page.getByText('"many" is not a whole number of updates.').waitFor();
    await hold.getByRole('textbox', { name: 'Lag above' }).fill('20');
    await hold.getByRole('button', { name: 'Hold there' }).click();
    await hold.getByText('when the lag of notifications is above 20').waitFor();
    await checkAccessible(page);
    await screenshot(page, 'hold-1440-dark');
    await page.getByRole('switch', { name: 'notifications' }).click();
    await page.evaluate(() => catchup.play());
    const said = await page.getByText(/^Held: the lag of notifications is \d+\.$/).innerText();
    const lag = await page.evaluate(() => catchup.snapshot().services[2].lag);
    assert.ok(lag > 20 && said.endsWith(` ${lag}.`), `${said} and a lag of ${lag}`);
    assert.equal(await page.evaluate(() => catchup.snapshot().playing), false);
    await page.locator('summary', { hasText: 'Hold when … (1)' }).click();
    await hold.getByRole('button', { name: 'Remove: hold when the lag of notifications is above 20' }).click();
    await hold.getByText('when more than').waitFor({ state: 'detached' });
  }));

test('what is unfolded above the time bar folds up with Escape, and with a press elsewhere', () =>
  site.visit(DESK, async (page) => {
    const unfolded = page.locator('.tool[open]');
    const summary = page.locator('summary', { hasText: 'Start over' });
    await summary.press('Enter');
    await page.getByRole('spinbutton', { name: 'Seed' }).press('Escape');
    await unfolded.waitFor({ state: 'detached' });
    assert.ok(await summary.evaluate((it) => it === document.activeElement));
    await summary.click();
    await page.locator('summary', { hasText: 'Hold when' }).click();
    await page.locator('.news-text').click();
    await unfolded.waitFor({ state: 'detached' });
  }));

test('the tools of time fit on a phone', () =>
  site.visit({ viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' }, async (page) => {
    await outage(page);
    await page.evaluate(() => catchup.seek(21_000));
    const { y, height } = await page.getByText('You are looking at 0:21 of 1:00.').boundingBox();
    assert.ok(y >= 0 && y + height < 400, 'it is said near the top');
    // All that can stand in the bar, each with a word that is seen.
    await page.getByRole('switch', { name: 'logistics' }).click();
    await page.evaluate(() => (catchup.undo(), catchup.apply({ type: 'set_service_online', service: 'orders', online: false }), catchup.undo(), catchup.seek(21_000)));
    for (const word of ['Back', 'Step', 'Undo', 'Redo', 'History', 'Hold', 'Roads', 'Restart']) {
      const box = await page.locator('.time .short', { hasText: word }).boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= 390, `${word} is seen`);
    }
    assert.ok((await page.locator('.time').boundingBox()).height <= 108);
    await screenshot(page, 'the-past-390-light');
    for (const name of ['What happened', 'Hold when …']) {
      await page.locator('summary', { hasText: name }).click();
      await screenshot(page, `tools-390-${name[0]}`);
      const box = await page.locator('.tool[open] .tool-body').boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y >= 0, JSON.stringify(box));
      await checkAccessible(page);
      await page.locator('summary', { hasText: name }).click();
    }
  }));
