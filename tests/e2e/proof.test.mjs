// What became of every update, and which promises were kept: the lists behind the numbers, and the moments at which things happened.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

// Nothing may be in motion when contrast is measured.
const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const DARK = { ...DESK, colorScheme: 'dark' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };

const load = (page) => page.evaluate(() => (catchup.pause(), catchup.load('delivery', 7)));
const advance = (page, ms) => page.evaluate((ms) => catchup.advance(ms), ms);
const apply = (page, command) => page.evaluate((command) => catchup.apply(command), command);
const online = (page, service, online) => apply(page, { type: 'set_service_online', service, online });
const set = (page, service, name, value) => apply(page, { type: 'set_service_config', service, name, value });
const ledger = (page, group) => page.evaluate((group) => catchup.ledger().find((it) => it.group === group), group);
const promise = (page, service, name) =>
  page.evaluate(([service, name]) => catchup.promises().find((it) => it.service === service && it.name === name), [service, name]);
const account = (page, group) => page.getByRole('listitem').filter({ hasText: `lost. ${group}: ` });
const now = (page) => page.evaluate(() => catchup.snapshot().time_ms);
const panel = (page) => page.getByRole('complementary');
const unfold = (page) => page.getByRole('region', { name: 'Promises' }).getByRole('button', { expanded: false }).click();

/** A reader that commits first crashes in the middle of its work. */
const loseSome = async (page) => {
  await load(page);
  await set(page, 'notifications', 'commit_policy', 'before_processing');
  await apply(page, { type: 'set_arrival_rate', service: 'orders', arrivals_per_min: 600 });
  await advance(page, 20_000);
  for (let ms = 0; ms < 60_000 && (await ledger(page, 'notifications')).lost === 0; ms += 700) {
    await online(page, 'notifications', false);
    await advance(page, 200);
    await online(page, 'notifications', true);
    await advance(page, 6_500);
  }
};

test('an account adds up, and each number opens its records, their places and their moments', () =>
  site.visit(DESK, async (page) => {
    await loseSome(page);
    const sums = await ledger(page, 'notifications');
    assert.ok(sums.lost > 0, 'a crash after the commit lost something');
    const { published, processed, waiting, retrying, dead_lettered, compacted, aborted, lost } = sums;
    assert.equal(published, processed + waiting + retrying + dead_lettered + compacted + aborted + lost);
    const line = account(page, 'notifications');
    assert.match(await line.innerText(), /Something was lost\. notifications: [\d,]+ published = [\d,]+ processed \+ \d+ waiting/);
    await line.getByRole('button', { name: / lost$/ }).click();
    await panel(page).getByRole('heading', { name: /notifications: \d+ lost/ }).waitFor();
    const first = panel(page).getByRole('listitem').first();
    assert.match(await first.innerText(), /committed before it was processed/);
    await checkAccessible(page);
    await screenshot(page, 'ledger-list-1440-light');
    await first.getByRole('button', { name: /^partition/ }).click();
    await panel(page).getByText(/lost: skipped, or committed without being processed/).waitFor();
    await panel(page).getByRole('button', { name: 'Back to the list' }).click();
    await panel(page).getByRole('heading', { name: /lost/ }).waitFor();
    const before = await now(page);
    await panel(page).getByRole('listitem').first().getByRole('button', { name: 'Go to that moment' }).click();
    assert.ok((await now(page)) < before, 'the run is looked at when it happened');
    await panel(page).getByRole('listitem').first().getByRole('button', { name: /^partition/ }).click();
    await page.keyboard.press('Escape');
    await panel(page).waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement.closest('[data-line]'));
  }));

test('what is processed twice is listed with the reason', () =>
  site.visit(DARK, async (page) => {
    await load(page);
    await advance(page, 60_000);
    for (let count = 0; count < 8; count += 1) {
      await online(page, 'notifications', false);
      await advance(page, 1_000);
      await online(page, 'notifications', true);
      await advance(page, 7_300);
    }
    assert.ok((await ledger(page, 'notifications')).processed_again > 0);
    assert.equal((await promise(page, 'notifications', 'nothing_twice')).verdict, 'never_promised_not_held');
    await account(page, 'notifications').getByRole('button', { name: /processed twice/ }).click();
    await panel(page).getByText(/again, because an instance ended before its commit was through/).first().waitFor();
    await panel(page).getByRole('button', { name: 'Close' }).click();
    await unfold(page);
    await page.getByText('not promised, and did not hold').first().waitFor();
    await checkAccessible(page);
    await screenshot(page, 'promises-1440-dark');
  }));

test('a promise that retention breaks is at risk before, and then broken at a moment that can be gone to', () =>
  site.visit(DESK, async (page) => {
    await load(page);
    for (const [name, value] of [['retention.ms', '100000'], ['segment.ms', '10000']]) {
      await apply(page, { type: 'set_topic_config', topic: 'order-status', name, value });
    }
    await advance(page, 20_000);
    assert.equal((await promise(page, 'notifications', 'nothing_is_lost')).verdict, 'holds');
    await online(page, 'notifications', false);
    const verdicts = [];
    for (let ms = 0; ms < 600_000 && verdicts.at(-1) !== 'broken'; ms += 1_000) {
      await advance(page, 1_000);
      const { verdict } = await promise(page, 'notifications', 'nothing_is_lost');
      if (verdict !== verdicts.at(-1)) verdicts.push(verdict);
      if (verdict === 'at_risk' && verdicts.length === 2) await page.getByText(/Retention is about to overtake it/).first().waitFor();
    }
    assert.deepEqual(verdicts, ['holds', 'at_risk', 'broken']);
    await unfold(page);
    const row = page.getByRole('listitem').filter({ hasText: 'notifications: No update is lost. broken at' });
    await row.waitFor();
    const { since_ms } = await promise(page, 'notifications', 'nothing_is_lost');
    await row.getByRole('button', { name: 'Go to that moment' }).click();
    assert.equal(await now(page), since_ms);
    await checkAccessible(page);
    await screenshot(page, 'promises-broken-1440-light');
  }));

test('lag can be read in seconds, and a phone shows all of it', () =>
  site.visit(PHONE, async (page) => {
    await load(page);
    await advance(page, 20_000);
    await online(page, 'notifications', false);
    await advance(page, 60_000);
    const chart = page.getByRole('region', { name: 'Lag over time' });
    await chart.getByRole('button', { name: 'Seconds' }).click();
    await chart.getByRole('img', { name: /Age of the oldest unread record\. .*notifications: (59 s|1 min)/ }).waitFor();
    await account(page, 'notifications').getByText(/it catches up once it is back/).waitFor();
    await unfold(page);
    await checkAccessible(page);
    await screenshot(page, 'proof-390-dark');
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(widths[0] <= widths[1], `the page is ${widths[0]} px wide`);
  }));
