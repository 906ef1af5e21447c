// Brokers that fail: the panel is folded up, a broker is switched off in it, and another leads what it led.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };

const advance = (page, ms) => page.evaluate((ms) => catchup.advance(ms), ms);
const partition = (page) => page.evaluate(() => catchup.snapshot().topics[0].partitions[0]);
const unfold = async (page) => {
  await page.getByText('Brokers', { exact: true }).click();
  return page.getByRole('region', { name: 'The brokers' });
};
const told = (page, text) => page.getByRole('paragraph').filter({ hasText: text });
const row = (table, broker) => table.getByRole('row', { name: new RegExp(`^broker ${broker} `) });

test('a broker is switched off, others are elected, and nothing is lost', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => catchup.pause());
    assert.equal(await page.getByRole('region', { name: 'The brokers' }).isVisible(), false, 'nobody has to know of brokers');
    const table = await unfold(page);
    const { leader } = await partition(page);
    await table.getByRole('switch', { name: `broker ${leader}` }).click();
    await row(table, leader).getByText('down, and not noticed yet').waitFor();
    await told(page, new RegExp(`Broker ${leader} is away: partitions? [^.]* of order-status.* no leader until that is noticed`)).waitFor();
    const cards = page.locator('.card', { hasText: /waiting for the log: nobody leads partitions? \d/ });
    await cards.first().waitFor();
    assert.equal(await cards.count(), 3, 'those who write and those who read');
    await advance(page, 15_000);
    await told(page, 'Others lead in its place, and everything goes on').waitFor();
    await row(table, leader).getByText('down', { exact: true }).waitFor();
    const after = await partition(page);
    assert.notEqual(after.leader, leader);
    assert.ok(!after.isr.includes(leader));
    await checkAccessible(page);
    await screenshot(page, 'brokers-1440-light', { fullPage: true });
    await table.getByRole('switch', { name: `broker ${leader}` }).click();
    for (let s = 0; s < 60 && !(await told(page, `Broker ${leader} is back`).isVisible()); s += 1) await advance(page, 1_000);
    await told(page, 'then others did. Nothing that was acknowledged was lost.').waitFor();
    await screenshot(page, 'broker-back-1440-light');
    await advance(page, 120_000);
    const back = await partition(page);
    assert.deepEqual([back.leader, back.isr.length], [leader, 3], 'the preferred leader leads again');
    assert.ok((await page.evaluate(() => catchup.ledger())).every((group) => group.lost === 0));
  }));

test('a partition says who leads it and who has it, and the brokers fit on a phone', () =>
  site.visit(PHONE, async (page) => {
    await page.evaluate(() => catchup.pause());
    const table = await unfold(page);
    await table.getByRole('button', { name: 'Cut' }).first().click();
    await row(table, 1).getByText('cut off, and not noticed yet').waitFor();
    await checkAccessible(page);
    assert.ok(await table.evaluate((it) => it.scrollWidth <= it.clientWidth), 'nothing has to be scrolled sideways');
    for (const word of ['Leads', 'In sync', 'Coordinates']) await row(table, 1).getByRole('button', { name: word }).waitFor();
    await screenshot(page, 'brokers-390-dark', { fullPage: true });
    await page.getByRole('button', { name: 'Partition 0' }).click();
    const opened = page.getByRole('complementary', { name: 'order-status · partition 0' });
    for (const term of ['Leader', 'Replicas', 'In sync', 'Leader epoch']) await opened.getByText(term, { exact: true }).waitFor();
  }));
