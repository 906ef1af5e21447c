// Challenges: folded up until they are wanted, judged by the run, remembered.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, checkFits, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };

const load = (page) => page.evaluate(() => (catchup.pause(), catchup.load('delivery', 7), catchup.advance(20_000)));
/** Notifications is away for so long, and the run goes on for a while when it is back. */
const outage = (page, ms) =>
  page.evaluate((ms) => {
    const turn = (online) => catchup.apply({ type: 'set_service_online', service: 'notifications', online });
    turn(false);
    catchup.advance(ms);
    turn(true);
    catchup.advance(30_000);
  }, ms);
const challenge = (page, name) => page.evaluate((name) => catchup.challenges().find((it) => it.name === name), name);
const panel = (page) => page.getByRole('region', { name: 'Challenges' });
const fold = (page) => panel(page).getByRole('button', { name: / of 7/ });
const row = (page, title) => panel(page).getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) });

test('they are unfolded with the keyboard, and each has a hint', () =>
  site.visit(DESK, async (page) => {
    await load(page);
    assert.equal(await panel(page).getByRole('listitem').count(), 0, 'folded up there is nothing but the count');
    await fold(page).focus();
    await page.keyboard.press('Enter');
    await page.locator('#challenges-fold[aria-expanded=true]').waitFor();
    const { length } = await page.evaluate(() => catchup.challenges());
    assert.equal(await panel(page).getByRole('listitem').count(), length);
    const first = row(page, 'Nothing lost');
    const hint = first.getByText('large button at the top');
    assert.equal(await hint.isVisible(), false);
    await first.getByText('Hint').focus();
    await page.keyboard.press('Enter');
    await hint.waitFor();
    await checkAccessible(page);
    await checkFits(page);
    await fold(page).click();
    await row(page, 'Nothing lost').waitFor({ state: 'detached' });
  }));

test('the run ticks one off, says so once, and leads to the instant', () =>
  site.visit(DESK, async (page) => {
    await load(page);
    await outage(page, 20_000);
    assert.equal((await challenge(page, 'nothing_lost')).done, false, 'it was away too shortly');
    await outage(page, 30_000);
    const { done, since_ms } = await challenge(page, 'nothing_lost');
    assert.ok(done);
    const news = page.locator('.earned').getByRole('status');
    await news.filter({ hasText: /Nothing lost.*of 7\)\.$/ }).waitFor();
    const covered = await page.evaluate(() => {
      const told = document.querySelector('.told').getBoundingClientRect();
      const isCovered = ({ left, right, top, bottom }) => left < told.right && right > told.left && top < told.bottom && bottom > told.top;
      const needed = [...document.querySelectorAll('.lag-panel, .chart, .scenario, .news, .card, .topic, .outcome-place, .time, .top-tools > *')];
      return needed.filter((it) => isCovered(it.getBoundingClientRect())).map((it) => it.className);
    });
    assert.deepEqual(covered, []);
    await checkAccessible(page);
    await screenshot(page, 'challenge-done-1440-light');
    await page.getByRole('button', { name: 'Show challenges' }).click();
    await page.waitForFunction(() => document.activeElement.id === 'challenges-fold');
    const first = row(page, 'Done: Nothing lost');
    await first.getByText('being away costs time and nothing else').waitFor();
    await checkAccessible(page);
    await screenshot(page, 'challenges-1440-light');
    await first.getByRole('button', { name: 'Go to that moment' }).click();
    assert.equal(await page.evaluate(() => catchup.snapshot().time_ms), since_ms);
    await page.getByText(/^notifications has caught up/).first().waitFor();
    assert.ok((await challenge(page, 'nothing_lost')).done, 'looking back changes nothing');
  }));

test('they are taken along as a table, and word of one leaves room to scroll on a phone', () =>
  site.visit({ ...PHONE, permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await load(page);
    await outage(page, 30_000);
    await page.locator('.told').waitFor();
    await screenshot(page, 'challenge-done-390-dark');
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    const [foot, told] = await Promise.all([page.locator('.foot').boundingBox(), page.locator('.told').boundingBox()]);
    assert.ok(foot.y + foot.height <= told.y, 'the end of the page lies above it');
    await panel(page).getByRole('button', { name: 'Copy challenges as a table (CSV)' }).click();
    await page.getByText('The table is on the clipboard').waitFor();
    const rows = (await page.evaluate(() => navigator.clipboard.readText())).trim().split('\r\n');
    assert.equal(rows[0], 'challenge,done,at,by,task');
    assert.match(rows[1], /^Nothing lost,yes,00:00:[\d.]+,notifications,/);
    assert.equal(rows.length, 1 + (await page.evaluate(() => catchup.challenges().length)));
  }));

test('what was done is remembered after it was taken back, and in the next run', () =>
  site.visit(PHONE, async (page) => {
    await load(page);
    await outage(page, 30_000);
    const counted = page.locator('#challenges-fold b');
    await page.waitForFunction(() => localStorage.getItem('catchup.challenges')?.includes('nothing_lost'));
    const count = await counted.innerText();
    assert.match(count, /^[1-7] of 7$/);
    await page.evaluate(() => catchup.undo());
    assert.deepEqual(await challenge(page, 'nothing_lost').then((it) => [it.done, it.since_ms, it.done_before]), [false, null, true]);
    await page.evaluate(() => catchup.load('shop', 7));
    await page.reload();
    await page.waitForFunction(() => 'catchup' in window);
    assert.ok((await challenge(page, 'nothing_lost')).done_before);
    assert.equal(await counted.innerText(), count);
    await fold(page).click();
    await row(page, 'Done: Nothing lost').getByText('Done before').waitFor();
    await panel(page).getByText(/charges made twice/).waitFor();
    await checkAccessible(page);
    await checkFits(page);
    await panel(page).scrollIntoViewIfNeeded();
    await screenshot(page, 'challenges-390-dark');
  }));

test('a link shows them on their own, unfolded', () =>
  site.visit({ ...DESK, path: '?panel=challenges' }, async (page) => {
    await load(page);
    await row(page, 'Acknowledged and gone').waitFor();
    assert.deepEqual(await page.locator('[data-panel]:visible').evaluateAll((all) => all.map((it) => it.dataset.panel)), ['challenges']);
    await checkAccessible(page);
    await page.keyboard.press('Escape');
    await page.locator('[data-layout="whole"]').waitFor();
    await row(page, 'Acknowledged and gone').waitFor({ state: 'detached' });
  }));
