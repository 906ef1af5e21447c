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
    const compared = page.locator('.road-ends').getByRole('row', { name: /^logistics/ });
    assert.match(await compared.getByRole('cell').first().innerText(), /^\d{2,}\s[^|]*\|\s*\d\s/, 'many wait here, few there');
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
