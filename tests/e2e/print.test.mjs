// What is printed: one page that tells what happened, of the instant that is looked at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', colorScheme: 'dark' };
const pagesOf = (pdf) => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
const report = (page) => page.locator('.report');

/** A day with so much trouble that not all of it fits on the page. */
const trouble = (page) =>
  page.evaluate(() => {
    catchup.pause();
    catchup.load('delivery', 42);
    const set = (name, value) => catchup.apply({ type: 'set_service_config', service: 'notifications', name, value });
    set('commit_policy', 'before_processing');
    for (let count = 0; count < 12; count += 1) {
      for (const online of [false, true]) {
        catchup.advance(9_000);
        catchup.apply({ type: 'set_service_online', service: 'notifications', online });
        if (count % 4 === 0) catchup.apply({ type: 'set_service_online', service: 'logistics', online });
      }
    }
    catchup.advance(15_000);
  });

test('a run is printed as one page that says what happened, when, and what became of everything', () =>
  site.visit(DESK, async (page) => {
    await trouble(page);
    const [facts, ledger, link] = await page.evaluate(() => [catchup.snapshot(), catchup.ledger(), catchup.link()]);
    await page.emulateMedia({ media: 'print' });
    await report(page).waitFor();
    const text = await report(page).innerText();
    for (const expected of ['Delivery tracking: what happened', 'notifications was switched off', 'rebalanced', 'commit_policy of notifications is before_processing', `seed ${facts.seed}`, link]) {
      assert.ok(text.includes(expected), `${expected} in ${text}`);
    }
    assert.match(text, /Before that, \d+ more things happened\./);
    const published = ledger[1].published.toLocaleString('en');
    assert.ok(text.includes(`notifications: ${published} published`), text);
    const promised = await page.evaluate(() => catchup.promises().length);
    assert.equal(await page.locator('.report-promises > li').count(), promised);
    assert.equal(await page.locator('.report polyline').count(), 2);
    assert.equal(await page.getByRole('button').count(), 0, 'what cannot be pressed on paper is not there');
    await checkAccessible(page, { within: '.report' });
    await page.setViewportSize({ width: 720, height: 1050 });
    await screenshot(page, 'print');
    await page.emulateMedia({ media: null });
    await report(page).waitFor({ state: 'detached' });
    assert.equal(pagesOf(await page.pdf({ preferCSSPageSize: true })), 1);
  }));

test('a run in which nothing happened is printed too', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => {
      catchup.pause();
      catchup.load('delivery', 1);
      catchup.advance(1_000);
    });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    assert.equal(pagesOf(pdf), 1);
    await page.emulateMedia({ media: 'print' });
    await report(page).getByText('Everything as the scenario sets it.').waitFor();
  }));
