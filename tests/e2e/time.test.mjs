// The run over time: any instant of it can be looked at, what was done can be taken back, and acting in the past takes another road.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };

const time = (page) => page.evaluate(() => catchup.snapshot().time_ms);
const hash = (page) => page.evaluate(() => catchup.trace_hash());
const isOnline = (page) => page.evaluate(() => catchup.snapshot().services[2].online);
/** Ten seconds without notifications in a run of a minute. */
const outage = (page) =>
  page.evaluate(() => {
    catchup.pause();
    catchup.load('delivery', 42);
    const turn = (online) => catchup.apply({ type: 'set_service_online', service: 'notifications', online });
    catchup.advance(20_000);
    turn(false);
    catchup.advance(10_000);
    turn(true);
    catchup.advance(30_000);
  });

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
    await page.getByRole('button', { name: 'To the end' }).click();
    assert.deepEqual([await time(page), await hash(page)], [60_000, end]);
    await page.evaluate(() => catchup.seek(5_000));
    await page.evaluate(() => catchup.advance(55_000));
    assert.equal(await hash(page), end);
    await assert.rejects(page.evaluate(() => catchup.seek(60_001)), /time_ms is 60001; it must be from 0 to 60000/);
  }));

test('what was done is taken back and done again', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    const end = await hash(page);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back: notifications on').waitFor();
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
    assert.deepEqual(await page.evaluate(() => catchup.branches()), [{ name: 'branch 1', commands: 2, end_ms: 60_000 }]);
    await page.getByRole('combobox', { name: 'Other roads' }).selectOption('0');
    assert.equal(await hash(page), end);
  }));
