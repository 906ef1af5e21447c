// The run beside the same day with direct calls: side by side, at the same clock, with a verdict that can go either way.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, outage, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, reducedMotion: 'reduce', colorScheme: 'dark' };

/** Fifteen seconds without notifications in a run of 55 seconds. */
const longOutage = (page) => outage(page, { away: 15_000, after: 20_000 });
const compare = async (page) => {
  const part = page.getByRole('region', { name: 'The same day with direct calls' });
  await part.getByRole('button', { name: 'Compare' }).click();
  return part;
};
const row = (part, name) => part.getByRole('row', { name: new RegExp(`^${name}`) }).getByRole('cell');
const grouped = (number) => number.toLocaleString('en');

test('an outage goes well on the bus and not with direct calls, and the page says by how much', () =>
  site.visit(DESK, async (page) => {
    await longOutage(page);
    const part = await compare(page);
    await part.getByText('The bus did better so far. Updates lost: 0 on the bus').waitFor();
    const { bus, direct, knows, better, time_us } = await page.evaluate(() => catchup.compare_direct());
    assert.equal(better, 'bus');
    assert.equal(time_us, await page.evaluate(() => catchup.time_us()));
    assert.deepEqual([bus.lost, bus.failed], [0, 0]);
    assert.ok(direct.lost > 20 && direct.failed > 20, JSON.stringify(direct));
    assert.equal(bus.answered + bus.failed + bus.unanswered, direct.answered + direct.failed + direct.unanswered, 'the same updates');
    assert.deepEqual(knows, [['orders', 'logistics'], ['orders', 'notifications']]);
    await row(part, 'Updates lost').nth(1).getByText(grouped(direct.lost), { exact: true }).waitFor();
    await part.getByText('orders has to know logistics and notifications').waitFor();
    await checkAccessible(page);
    await screenshot(page, 'direct-1440-light', { fullPage: true });
  }));

test('it follows the clock when another instant is looked at', () =>
  site.visit(DESK, async (page) => {
    await longOutage(page);
    const part = await compare(page);
    await part.getByText('The bus did better so far').waitFor();
    await page.evaluate(() => catchup.seek(19_000));
    await row(part, 'Updates that failed').nth(1).getByText('0', { exact: true }).waitFor();
    assert.equal((await page.evaluate(() => catchup.compare_direct())).direct.failed, 0);
  }));

test('the verdict can be in favour of direct calls', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => {
      catchup.pause();
      catchup.load('delivery', 42);
      const set = (service, name, value) => catchup.apply({ type: 'set_service_config', service, name, value });
      set('notifications', 'commit_policy', 'before_processing');
      catchup.apply({ type: 'set_arrival_rate', service: 'orders', arrivals_per_min: 200 });
      catchup.advance(20_000);
      const turn = (online) => catchup.apply({ type: 'set_service_online', service: 'notifications', online });
      const inHand = () => catchup.snapshot().services[2].instances[0].in_hand > 1;
      while (!inHand()) catchup.advance(20);
      turn(false);
      catchup.advance(300);
      turn(true);
      catchup.advance(30_000);
    });
    const part = await compare(page);
    await part.getByText('Direct calls did better so far. Updates lost').waitFor();
    assert.equal((await page.evaluate(() => catchup.compare_direct())).better, 'direct');
    await part.getByText('commit_policy: there are no offsets').waitFor();
  }));

test('a knob runs the day again, and one that takes no such value says why', () =>
  site.visit(DESK, async (page) => {
    await longOutage(page);
    const part = await compare(page);
    await part.getByText('The bus did better so far').waitFor();
    const failed = () => page.evaluate(() => catchup.compare_direct().direct.failed);
    const before = await failed();
    await part.getByText('How services call each other').click();
    const knob = (name) => part.locator('.setting', { hasText: name }).getByRole('textbox');
    await knob('retries').fill('100');
    await knob('retries').press('Tab');
    await page.waitForFunction((before) => catchup.compare_direct().direct.failed < before, before);
    await knob('queue_max').fill('many');
    await knob('queue_max').press('Tab');
    await part.getByText('queue_max is "many"; it must be a whole number from 0 to 10000').waitFor();
  }));

test('on a phone the two sides stand below their question', () =>
  site.visit(PHONE, async (page) => {
    await longOutage(page);
    const part = await compare(page);
    await part.getByText('The bus did better so far').waitFor();
    const { width } = await part.boundingBox();
    assert.ok(width <= 390, `${width} px`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, 'nothing sticks out');
    await checkAccessible(page);
    await part.screenshot({ path: 'target/e2e/direct-390-dark.png' });
  }));
