// The keyboard: shortcuts, the sheet that lists them, and what never sets them off. What a screen reader is told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };

const button = (page, name) => page.getByRole('button', { name, exact: true });
const sheet = (page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' });
const facts = (page) => page.evaluate(() => catchup.snapshot());
const us = (page) => page.evaluate(() => catchup.time_us());
const isOnline = async (page, service) => (await facts(page)).services.find((it) => it.name === service).online;

test('one key each: time, services, taking back, colours', () =>
  site.visit(DESK, async (page) => {
    await page.keyboard.press('Space');
    await button(page, 'Play').waitFor();
    await page.keyboard.press('k');
    await button(page, 'Pause').waitFor();
    await page.keyboard.press('k');
    const before = await us(page);
    await page.keyboard.press('.');
    assert.ok((await us(page)) > before);
    await page.keyboard.press(',');
    assert.ok((await us(page)) <= before);
    await page.keyboard.press('e');
    await page.keyboard.press('3');
    assert.equal(await isOnline(page, 'notifications'), false);
    await page.keyboard.press('u');
    assert.equal(await isOnline(page, 'notifications'), true);
    await page.keyboard.press('r');
    assert.equal(await isOnline(page, 'notifications'), false);
    const speed = page.getByRole('combobox', { name: 'Speed' });
    const becomes = async (value) => page.waitForFunction(([list, value]) => list.value === value, [await speed.elementHandle(), value]);
    await page.keyboard.press('+');
    await becomes('2');
    await page.keyboard.press('-');
    await becomes('1');
    await page.keyboard.press('c');
    await page.locator('html[data-theme="light"]').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('d')]);
    assert.match(download.suggestedFilename(), /\.json$/);
    await page.keyboard.press('s');
    await page.getByRole('region', { name: 'Send this run' }).waitFor();
  }));

test('the sheet lists them, gives the focus back, and switches them off for good', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => catchup.pause());
    await button(page, 'Play').focus();
    await page.keyboard.press('?');
    await sheet(page).getByText('Switch a service off or on').waitFor();
    await checkAccessible(page);
    await screenshot(page, 'shortcuts-1440-light');
    await page.keyboard.press('k');
    await page.keyboard.press('Escape');
    await sheet(page).waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Play', 'nothing was set off behind the sheet');

    await button(page, 'Keyboard shortcuts').click();
    await sheet(page).getByRole('switch', { name: 'Shortcuts with a single key' }).click();
    await sheet(page).getByText('They are off.').waitFor();
    await sheet(page).getByRole('button', { name: 'Close' }).click();
    const off = async () => {
      const before = await us(page);
      for (const key of ['.', '3', 'k', '?']) await page.locator('main').press(key);
      assert.deepEqual([await us(page), await isOnline(page, 'notifications'), await sheet(page).isVisible()], [before, true, false]);
    };
    await off();
    await page.reload();
    await page.waitForFunction(() => 'catchup' in window);
    await page.evaluate(() => catchup.pause());
    await off();
    await button(page, 'Keyboard shortcuts').click();
    await sheet(page).getByRole('switch').click();
    await sheet(page).getByText('They are on.').waitFor();
  }));

test('on a phone the sheet fits', () =>
  site.visit(PHONE, async (page) => {
    await button(page, 'Keyboard shortcuts').click();
    await sheet(page).waitFor();
    const { x, width } = await sheet(page).boundingBox();
    assert.ok(x >= 0 && x + width <= 390);
    await checkAccessible(page);
    await screenshot(page, 'shortcuts-390-dark');
  }));

test('the tools of a panel are one stop of the Tab key, and the arrow keys go from tool to tool', () =>
  site.visit(DESK, async (page) => {
    const name = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    await button(page, 'Enlarge lag over time').focus();
    for (const expected of ['Copy a link to lag over time, or embed it', 'Copy lag over time as a table (CSV)', 'Copy lag over time as a picture']) {
      await page.keyboard.press('ArrowLeft');
      assert.equal(await name(), expected);
    }
    await page.keyboard.press('ArrowLeft');
    assert.equal(await name(), 'Copy lag over time as a picture', 'there is nothing before the first');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    assert.equal(await name(), 'Enlarge lag over time');
  }));

test('typing, choosing, pressing buttons and keys of the browser set nothing off', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => catchup.pause());
    const before = await us(page);
    await page.getByText('Publish a record by hand').click();
    const key = page.getByRole('textbox', { name: /^Key/ });
    await key.fill('');
    await key.pressSequentially('k3.u?');
    assert.equal(await key.inputValue(), 'k3.u?');
    const value = page.getByRole('textbox', { name: /^Value/ });
    await value.press('.');
    await page.getByRole('combobox', { name: 'Speed' }).press('3');
    await page.locator('main').press('Control+.');
    await page.locator('main').press('Alt+3');
    assert.deepEqual([await us(page), await isOnline(page, 'notifications'), await sheet(page).isVisible()], [before, true, false]);
    await button(page, 'Play').press('Space');
    await button(page, 'Pause').waitFor();
  }));

test('a screen reader is told politely, at once when things change, and else now and then', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => {
      catchup.pause();
      catchup.load('delivery', 42);
      window.told = [];
      const status = document.querySelector('.news-wrap [role=status]');
      new MutationObserver(() => window.told.push(status.textContent)).observe(status, { subtree: true, childList: true, characterData: true });
      catchup.play();
    });
    const polite = await page.locator('[aria-live=assertive]').count();
    assert.equal(polite, 0);
    await page.getByRole('combobox', { name: 'Speed' }).selectOption('20');
    await page.getByRole('switch', { name: 'notifications' }).click();
    await page.waitForFunction(() => window.told.some((text) => text.includes('notifications is offline')));
    const begin = await us(page);
    await page.waitForFunction((begin) => catchup.time_us() > begin + 60_000_000, begin);
    const told = await page.evaluate(() => window.told.filter((text) => text.includes('notifications is offline')));
    assert.ok(told.length <= 2, `${told.length} times in three seconds: ${told.join(' | ')}`);
    const seen = await page.locator('.news').innerText();
    assert.match(seen, /notifications is offline: more than [\d,]+ updates are waiting/);
  }));
