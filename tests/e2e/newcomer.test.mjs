// The page as somebody meets it who knows nothing of it: one large control that leads through an outage, words that explain
// themselves, and room for many partitions, services and groups.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { checkAccessible, checkFits, screenshot, startSite } from './harness.mjs';

let site;
before(async () => {
  site = await startSite();
});
after(() => site.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };
const advance = (page, ms) => page.evaluate((by) => window.catchup.advance(by), ms);
const says = (page, text) => page.locator('.news', { hasText: text }).waitFor();

for (const [size, options] of Object.entries({ desk: DESK, phone: PHONE })) {
  test(`the one large control leads through an outage: ${size}`, () =>
    site.visit(options, async (page) => {
      await page.evaluate(() => window.catchup.pause());
      const off = page.getByRole('button', { name: 'Take notifications offline' });
      const { y, height } = await off.boundingBox();
      assert.ok(y + height <= options.viewport.height, 'it is seen without scrolling');
      await off.click();
      await says(page, 'notifications is offline');
      const on = page.getByRole('button', { name: 'Bring notifications back' });
      assert.ok(await on.evaluate((it) => it === document.activeElement), 'the keyboard stays on it');
      const phones = page.getByText("Customers' phones");
      const seen = await phones.evaluate((it) => it.contains(document.elementFromPoint(it.getBoundingClientRect().x + 4, it.getBoundingClientRect().y + 4)));
      assert.ok(seen, 'what that does is in sight');
      await advance(page, 60_000);
      await on.press('Enter');
      await advance(page, 5_000);
      await says(page, 'catches up where it left off');
      await page.evaluate(() => {
        const isBusy = () => catchup.snapshot().services.find((it) => it.name === 'notifications').state === 'catching_up';
        for (let ms = 0; isBusy() && ms < 120_000; ms += 500) catchup.advance(500);
      });
      await says(page, 'notifications has caught up');
    }));
}

test('a word explains itself where it stands', () =>
  site.visit(DESK, async (page) => {
    const words = page.locator('button.word:visible');
    assert.ok((await words.count()) >= 8);
    for (const word of await words.all()) {
      await word.click();
      const meaning = page.locator('.meaning:popover-open');
      assert.match(await meaning.innerText(), /^[A-Z].+\.$/);
      const [a, b] = [await word.boundingBox(), await meaning.boundingBox()];
      const apart = Math.max(b.y - a.y - a.height, a.y - b.y - b.height, b.x - a.x - a.width, a.x - b.x - b.width);
      assert.ok(apart <= 16, `${await word.innerText()}: what it means is ${apart} pixels away`);
      await page.keyboard.press('Escape');
      await meaning.waitFor({ state: 'detached' });
    }
    await words.first().click();
    await screenshot(page, 'word');
    await checkAccessible(page);
  }));

for (const [size, options] of Object.entries({ desk: DESK, phone: PHONE })) {
  test(`the tour shows what it speaks of, and follows an outage: ${size}`, () =>
    site.visit(options, async (page) => {
      await page.evaluate(() => window.catchup.pause());
      const begin = page.getByRole('button', { name: 'Show me around' });
      await begin.click();
      const card = page.getByRole('complementary');
      const framed = { 1: '.publishers', 2: '.column.log', 3: '.readers', 4: '.news', 5: '.ledger', 6: '.time' };
      for (const [number, selector] of Object.entries(framed)) {
        await card.getByText(`${number} of 6`, { exact: true }).waitFor();
        const heading = card.getByRole('heading');
        await page.waitForFunction(() => document.activeElement?.id === 'tour-heading');
        assert.notEqual(await page.locator(selector).evaluate((it) => getComputedStyle(it).outlineStyle), 'none', selector);
        const [shown, over] = [await page.locator(selector).boundingBox(), await card.boundingBox()];
        assert.ok(shown.y < over.y - 24 || number === '6', `${await heading.innerText()}: what is framed is not seen`);
        if (number === '4') await outageOnTour(page, card);
        await checkAccessible(page);
        await screenshot(page, `tour-${number}-${size}`);
        await card.getByRole('button', { name: number === '6' ? 'Done' : 'Next' }).click();
      }
      await card.waitFor({ state: 'detached' });
      assert.ok(await begin.evaluate((it) => it === document.activeElement));
    }));
}

async function outageOnTour(page, card) {
  await card.getByText('Nothing is broken yet. Take notifications offline').waitFor();
  await card.getByRole('button', { name: 'Leave it out' }).waitFor();
  await page.getByRole('button', { name: 'Take notifications offline' }).click();
  await card.getByText('notifications is away').waitFor();
  await page.waitForFunction(() => {
    const isSeen = (it) => {
      const { left, right, top, bottom } = it.getBoundingClientRect();
      return it.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    };
    const missed = [...document.querySelectorAll('[data-card]')].find((it) => it.textContent.includes('offline, down'));
    return missed && [...missed.querySelectorAll('.state, dl')].every(isSeen);
  });
  await advance(page, 30_000);
  await page.getByRole('button', { name: 'Bring notifications back' }).click();
  await advance(page, 4_000);
  await card.getByText('It is back').waitFor();
  await advance(page, 60_000);
  await card.getByText('notifications has caught up').waitFor();
}

/** The shipped scenario with many partitions, and with many services that read. */
function manyThings(partitions, readers) {
  const scenario = JSON.parse(readFileSync(new URL('../../static/scenarios/delivery.json', import.meta.url), 'utf8'));
  const [publisher, ...samples] = scenario.services.filter((it) => ['orders', 'logistics', 'notifications'].includes(it.name));
  const service = (_, index) => {
    const { output, retry_topic, dead_letter_topic, effect, ...consumes } = samples[index % 2].consumes;
    const name = `reader-number-${index + 1}`;
    return { name, summary: 'Reads every update', consumes: { ...consumes, group: name, ...(index < 2 && { effect }) } };
  };
  const topics = scenario.topics.filter((it) => it.name === 'order-status').map((it) => ({ ...it, partitions }));
  return { ...scenario, name: 'many', title: 'Many things', topics, services: [publisher, ...Array.from({ length: readers }, service)] };
}

for (const [width, colorScheme] of [[360, 'light'], [390, 'dark'], [1100, 'dark'], [1440, 'light'], [2560, 'dark']]) {
  test(`24 partitions and 20 groups stay readable on ${width} pixels`, () =>
    site.visit({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' }, async (page) => {
      await page.evaluate((scenario) => {
        catchup.load(scenario);
        catchup.apply({ type: 'set_service_online', service: 'reader-number-2', online: false });
        catchup.advance(60_000);
      }, manyThings(24, 20));
      await says(page, 'and 17 others go on');
      assert.equal(await page.locator('.lane').count(), 24);
      assert.ok((await page.locator('.lane').first().boundingBox()).height <= 40, 'a partition is a line');
      const behind = page.getByRole('img', { name: /reader-number-2 \d+ behind/ });
      assert.equal(await behind.count(), 24, 'each line says who is behind');
      const marks = await page.locator('.reader h2').evaluateAll((names) =>
        names.map((it) => `${it.querySelector('path').getAttribute('d')} ${getComputedStyle(it.querySelector('svg')).fill}`));
      assert.equal(new Set(marks).size, 20, 'no two groups look the same');
      const table = page.getByRole('table', { name: 'Consumer lag' });
      await page.getByText('20 groups: the list scrolls.').waitFor();
      const first = table.locator('tbody').getByRole('rowheader').first();
      const given = await first.innerText();
      await table.getByRole('button', { name: 'Sort by lag' }).focus();
      await page.keyboard.press('Enter');
      await first.getByText('reader-number-2', { exact: true }).waitFor();
      assert.equal(await table.getByRole('columnheader', { name: 'Lag' }).getAttribute('aria-sort'), 'descending');
      await page.keyboard.press('Enter');
      await first.getByText(given, { exact: true }).waitFor();
      assert.notEqual(given, 'reader-number-2');
      const ledger = page.getByRole('table', { name: 'What became of every update' });
      const row = ledger.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'reader-number-2', exact: true }) });
      const terms = await row.getByRole('button').evaluateAll((them) => them.map((it) => Number.parseInt(it.getAttribute('aria-label').replaceAll(',', ''), 10)));
      assert.equal(terms[0], terms.slice(1).reduce((sum, term) => sum + term), 'a row adds up');
      const scrolled = ledger.locator('xpath=..');
      assert.ok(await scrolled.evaluate((it) => it.scrollWidth <= it.clientWidth), 'all numbers of a row are seen');
      await row.getByRole('button', { name: / waiting$/ }).click();
      await page.getByRole('complementary').getByText('reader-number-2: ').waitFor();
      await page.keyboard.press('Escape');
      await screenshot(page, `many-${width}`, { fullPage: true });
      await checkFits(page);
      await checkAccessible(page);
    }));
}
