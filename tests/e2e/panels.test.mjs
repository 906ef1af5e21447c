// Panels on their own, linked to, embedded, and taken along as pictures and tables.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkAccessible, ready, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };
const WORDS = ['flow', 'lag', 'groups', 'ledger', 'promises', 'challenges', 'calls', 'search'];

const button = (page, name) => page.getByRole('button', { name, exact: true });
const shown = (page) => page.locator('[data-panel]:visible').evaluateAll((all) => all.map((it) => it.dataset.panel));
const focused = (page) => page.evaluate(() => document.activeElement.id);

/** An outage, looked at in its middle. */
const outage = (page) =>
  page.evaluate(() => {
    catchup.pause();
    catchup.load('delivery', 42);
    catchup.advance(20_000);
    catchup.apply({ type: 'set_service_online', service: 'notifications', online: false });
    catchup.advance(20_000);
  });

test('a panel is enlarged, says so in the address, and Escape gives back the page and the focus', () =>
  site.visit(DESK, async (page) => {
    await outage(page);
    assert.deepEqual((await shown(page)).sort(), [...WORDS].sort());
    await button(page, 'Enlarge lag over time').focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-layout="alone"]').waitFor();
    assert.deepEqual(await shown(page), ['lag']);
    assert.equal(await focused(page), 'reduce-lag');
    assert.equal(new URL(page.url()).search, '?panel=lag');
    const { height } = await page.locator('.plot-area').boundingBox();
    assert.ok(height > 300, `the chart is ${height} px high`);
    await checkAccessible(page);
    await screenshot(page, 'panel-lag-1440-light');

    await page.keyboard.press('Escape');
    await page.locator('[data-layout="whole"]').waitFor();
    assert.equal(await focused(page), 'enlarge-lag');
    assert.equal(new URL(page.url()).search, '');
    assert.deepEqual((await shown(page)).sort(), [...WORDS].sort());

    await button(page, 'Enlarge what became of every update').click();
    await page.locator('[data-line]').first().getByRole('button', { name: / processed$/ }).click();
    await page.getByRole('complementary').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    assert.deepEqual(await shown(page), ['ledger'], 'Escape closes one thing at a time');
    await button(page, 'Show the whole page (Escape)').click();
    await page.locator('[data-layout="whole"]').waitFor();
  }));

test('a link to a panel shows it with the run', () =>
  site.visit({ ...PHONE, ...CLIPBOARD }, async (page) => {
    await outage(page);
    await button(page, 'Copy a link to what became of every update, or embed it').click();
    await page.getByText('The link is on the clipboard.').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const run = await page.evaluate(() => catchup.trace_hash());
    assert.match(link, /\?panel=ledger#run=/);
    await page.goto('about:blank');
    await page.goto(link);
    await ready(page);
    assert.deepEqual(await shown(page), ['ledger']);
    assert.equal(await page.evaluate(() => catchup.trace_hash()), run);
    await checkAccessible(page);
    await screenshot(page, 'panel-ledger-390-dark');
    await page.reload();
    await ready(page);
    assert.deepEqual(await shown(page), ['ledger']);
  }));

test('the code to embed a panel shows it in the page that it is pasted into, with its run and Play in sight', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchup-'));
  cpSync(fileURLToPath(new URL('../../dist', import.meta.url)), folder, { recursive: true });
  const own = await startSite({ folder });
  try {
    await own.visit({ ...DESK, ...CLIPBOARD }, async (page) => {
      await outage(page);
      const run = await page.evaluate(() => catchup.trace_hash());
      await button(page, 'Copy a link to lag over time, or embed it').click();
      const card = page.getByRole('region', { name: 'Send this run' });
      await card.getByText('The link is on the clipboard.').waitFor();
      const { y, height } = await card.boundingBox();
      assert.ok(y >= 0 && y + height <= DESK.viewport.height, `what was copied is told at ${y}`);
      await card.getByRole('button', { name: 'Copy embed code' }).click();
      await card.getByText('The code to embed it is on the clipboard.').waitFor();
      const code = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(await card.getByRole('textbox', { name: 'Code to embed this run' }).inputValue(), code);
      await checkAccessible(page);
      await screenshot(page, 'embed-code-1440-light');
      await card.getByRole('button', { name: 'Close' }).click();
      await card.waitFor({ state: 'detached' });
      assert.equal(await focused(page), 'link-lag', 'where the person was');

      writeFileSync(join(folder, 'article.html'), `<!doctype html><html lang="en"><title>An article</title><link rel="icon" href="icons/icon.svg"><div style="width: 800px">${code}</div></html>`);
      await page.goto(`${own.url}article.html`);
      const [, frame] = page.frames();
      await frame.waitForFunction(() => 'catchup' in window);
      assert.deepEqual(await shown(frame), ['lag']);
      assert.equal(await frame.evaluate(() => catchup.trace_hash()), run);
      const seen = await frame.evaluate(() => ['.play', '.plot-area'].every((it) => document.querySelector(it).getBoundingClientRect().bottom <= innerHeight));
      assert.ok(seen, 'Play and the chart are in the frame');
      await page.getByTitle('lag over time').waitFor();
    });
  } finally {
    await own.close();
    rmSync(folder, { recursive: true });
  }
});

for (const [width, height] of [[800, 450], [640, 360], [1280, 720]]) {
  test(`every panel that is embedded at ${width} x ${height} has the sentence and Play in sight`, () =>
    site.visit({ ...DESK, viewport: { width, height } }, async (page) => {
      for (const word of WORDS) {
        await page.goto(`${site.url}?embed=${word}`);
        await ready(page);
        await outage(page);
        await button(page, 'Bring notifications back').waitFor();
        const { play, news, panel, wide } = await page.evaluate((word) => {
          const at = (selector) => document.querySelector(selector).getBoundingClientRect();
          return { play: at('.play').bottom, news: at('.news').bottom, panel: at(`[data-panel="${word}"]`).top, wide: document.documentElement.scrollWidth };
        }, word);
        assert.ok(play <= height && news < panel && panel < height - 100 && wide <= width, JSON.stringify({ word, play, news, panel, wide }));
      }
    }));
}

test('what is embedded shows the chosen panels, and opens the whole page beside it', () =>
  site.visit({ ...DESK, path: '?embed=flow,groups', viewport: { width: 1000, height: 700 } }, async (page) => {
    assert.deepEqual((await shown(page)).sort(), ['flow', 'groups']);
    for (const name of ['Share', 'Save', 'Enlarge lag over time', 'Keyboard shortcuts']) assert.equal(await button(page, name).count(), 0, name);
    await outage(page);
    const link = await page.evaluate(() => catchup.link());
    await checkAccessible(page);
    await screenshot(page, 'embedded-1000-light');
    const [whole] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('link', { name: 'Open in Catchup' }).click()]);
    await ready(whole);
    assert.equal(new URL(whole.url()).search, '');
    assert.equal(new URL(whole.url()).hash, new URL(link).hash);
    assert.equal(await whole.evaluate(() => catchup.trace_hash()), await page.evaluate(() => catchup.trace_hash()));
    assert.equal((await shown(whole)).length, WORDS.length);

    await page.goto(`${site.url}?embed${new URL(link).hash}`);
    await ready(page);
    assert.deepEqual((await shown(page)).sort(), ['flow', 'lag'], 'these, if none are chosen');
    await page.getByText(/^Held at [\d:.]+: press Play to go on\.$/).waitFor();
    await screenshot(page, 'embedded-held-1000-light');
    assert.equal(await page.evaluate(() => catchup.trace_hash()), await whole.evaluate(() => catchup.trace_hash()));
    await button(page, 'Play').click();
    await page.getByText(/^Held at/).waitFor({ state: 'detached' });
  }));

test('two embedded runs on one page do not disturb each other, nor the run that the tab keeps', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchup-'));
  cpSync(fileURLToPath(new URL('../../dist', import.meta.url)), folder, { recursive: true });
  const own = await startSite({ folder });
  try {
    await own.visit(DESK, async (page) => {
      const runs = await page.evaluate(() =>
        [3, 4].map((seed) => {
          catchup.pause();
          catchup.load('delivery', seed);
          catchup.advance(5_000);
          return { link: catchup.link().replace('#', '?embed=lag#'), hash: catchup.trace_hash() };
        }),
      );
      const frames = runs.map(({ link }) => `<iframe src="${link}" width="800" height="300" title="A run"></iframe>`);
      writeFileSync(join(folder, 'slides.html'), `<!doctype html><html lang="en"><title>Slides</title><link rel="icon" href="icons/icon.svg">${frames.join('')}</html>`);
      const kept = () => page.evaluate(() => sessionStorage.getItem('catchup.tab'));
      const before = await kept();
      await page.goto(`${own.url}slides.html`);
      for (const [index, { hash }] of runs.entries()) {
        const frame = page.frames()[index + 1];
        await frame.waitForFunction(() => 'catchup' in window);
        await frame.getByRole('switch').first().waitFor({ state: 'hidden' });
        assert.equal(await frame.evaluate(() => catchup.trace_hash()), hash);
      }
      await page.frames()[1].getByRole('button', { name: 'Play' }).click();
      await page.frames()[1].waitForFunction(() => catchup.snapshot().time_ms > 5_200);
      assert.equal(await page.frames()[2].evaluate(() => catchup.trace_hash()), runs[1].hash);
      assert.equal(await kept(), before);
      await screenshot(page, 'slides-1440-light');
    });
  } finally {
    await own.close();
    rmSync(folder, { recursive: true });
  }
});

test('a panel that does not exist is said, with those that do', () =>
  site.visit({ ...PHONE, path: '?embed=lagg,flow' }, async (page) => {
    const alert = page.getByRole('alert');
    await alert.getByText('embed=lagg. The panels are flow, lag, groups, ledger, promises, challenges, calls, search.').waitFor();
    assert.deepEqual(await shown(page), ['flow']);
    await checkAccessible(page);
  }));

test('tables are copied as comma-separated values', () =>
  site.visit({ ...DESK, ...CLIPBOARD }, async (page) => {
    await outage(page);
    const copy = async (title) => {
      await button(page, `Copy ${title} as a table (CSV)`).click();
      await page.getByText('The table is on the clipboard').waitFor();
      const text = await page.evaluate(() => navigator.clipboard.readText());
      await button(page, 'Dismiss').click();
      return text.trimEnd().split(/\r?\n/).map((line) => line.split(','));
    };
    const [head, ...rows] = await copy('consumer lag');
    const lag = await page.evaluate(() => catchup.snapshot().groups.find((group) => group.name === 'notifications').lag);
    assert.ok(lag > 0);
    assert.equal(rows.find(([group]) => group === 'notifications')[head.indexOf('lag')], String(lag));
    const account = await copy('what became of every update');
    const ledger = await page.evaluate(() => catchup.ledger()[1]);
    assert.equal(account[2][account[0].indexOf('waiting')], String(ledger.waiting));
    for (const title of ['services and topics', 'lag over time', 'promises']) assert.ok((await copy(title)).length > 3, title);
    await button(page, 'Copy the same day with direct calls as a table (CSV)').click();
    await page.getByText('There is no table here yet').waitFor();
  }));

test('pictures are copied as they are seen, in the resolution of the screen', () =>
  site.visit({ ...DESK, ...CLIPBOARD, deviceScaleFactor: 2, colorScheme: 'dark' }, async (page) => {
    await outage(page);
    for (const [title, word] of [['lag over time', 'lag'], ['services and topics', 'flow'], ['what became of every update', 'ledger']]) {
      await button(page, `Copy ${title} as a picture`).click();
      await page.getByText('The picture is on the clipboard.').waitFor();
      const picture = await page.evaluate(async (word) => {
        const [item] = await navigator.clipboard.read();
        const image = await createImageBitmap(await item.getType('image/png'));
        const canvas = new OffscreenCanvas(image.width, image.height);
        const brush = canvas.getContext('2d');
        brush.drawImage(image, 0, 0);
        const colours = new Map();
        const { data } = brush.getImageData(0, 0, image.width, image.height);
        for (let at = 0; at < data.length; at += 4) {
          const colour = data.slice(at, at + 3).join(', ');
          colours.set(colour, (colours.get(colour) ?? 0) + 1);
        }
        const { width, height } = document.querySelector(`[data-panel="${word}"]`).getBoundingClientRect();
        const ground = getComputedStyle(document.body).backgroundColor.match(/\d+, \d+, \d+/)[0];
        const corner = brush.getImageData(2, 2, 1, 1).data.slice(0, 3).join(', ');
        return { width: image.width / width, height: image.height / height, colours: colours.size, ground, corner };
      }, word);
      assert.ok(picture.width >= 2 && picture.width < 2.2, `${word}: ${JSON.stringify(picture)}`);
      assert.equal(picture.corner, picture.ground);
      assert.ok(picture.colours > 20, `${word} is drawn in ${picture.colours} colours`);
      await button(page, 'Dismiss').click();
    }
  }));

test('of the clipboard only what was copied last is said, wherever the page is scrolled to', () =>
  site.visit({ ...DESK, ...CLIPBOARD }, async (page) => {
    const said = page.getByText(/on the clipboard/);
    for (const [name, what] of [
      ['Copy lag over time as a picture', 'The picture is on the clipboard.'],
      ['Copy lag over time as a table (CSV)', 'The table is on the clipboard, as comma-separated values.'],
      ['Copy a link to lag over time, or embed it', 'The link is on the clipboard.'],
      ['Copy what became of every update as a table (CSV)', 'The table is on the clipboard, as comma-separated values.'],
      ['Copy what became of every update as a picture', 'The picture is on the clipboard.'],
    ]) {
      await button(page, name).click();
      await said.filter({ hasText: what }).waitFor();
      assert.equal(await said.count(), 1, `after ${name}`);
      const { y, height } = await said.boundingBox();
      assert.ok(y >= 0 && y + height <= DESK.viewport.height, `${what} is at ${y}`);
    }
  }));

test('without a clipboard, pictures and tables are files', () =>
  site.visit({ ...DESK, before: (page) => page.addInitScript(() => delete Navigator.prototype.clipboard) }, async (page) => {
    await outage(page);
    const take = async (name) => {
      const [download] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
      await page.getByText(`is in the file ${download.suggestedFilename()}.`).waitFor();
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };
    const table = await take('Copy lag over time as a table (CSV)');
    assert.equal(table.name, 'catchup-delivery-42-lag.csv');
    assert.match(table.bytes.toString(), /^time_ms,logistics_lag,notifications_lag,/);
    const picture = await take('Copy lag over time as a picture');
    assert.equal(picture.name, 'catchup-delivery-42-lag.png');
    assert.equal(picture.bytes.subarray(1, 4).toString(), 'PNG');
    await checkAccessible(page);
    await screenshot(page, 'taken-along-1440-light');
  }));
