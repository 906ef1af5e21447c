// Every control can be hit: at any width, and in any state, it is at least 24 pixels wide and high.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkFits, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

/** States in which the page has as many controls as it can have: each is what is done to it, and what is seen of that. */
const STATES = {
  'another road, and something to be done again': async (page) => {
    await page.evaluate(() => {
      catchup.pause();
      catchup.load('delivery', 42);
      const turn = (service, online) => catchup.apply({ type: 'set_service_online', service, online });
      catchup.advance(20_000);
      turn('notifications', false);
      catchup.advance(20_000);
      catchup.seek(15_000);
      turn('logistics', false);
      turn('notifications', false);
      catchup.undo();
    });
    await page.getByRole('button', { name: 'Redo' }).waitFor();
  },
  'a lane that has left a group behind': async (page) => {
    await page.evaluate(() => catchup.advance(120_000));
    await page.locator('.straggler').first().waitFor();
  },
  'the markers of transactions': async (page) => {
    await page.evaluate(() => {
      catchup.load('delivery', 42);
      catchup.apply({ type: 'set_service_config', service: 'notifications', name: 'commit_policy', value: 'exactly_once' });
      catchup.advance(20_000);
    });
    await page.locator('.asides > details > summary').click();
    await page.locator('.topic', { hasText: 'texts-sent' }).getByRole('button').first().click();
    await page.locator('.cell.marker').first().waitFor();
  },
  'a record that a service is stuck on': async (page) => {
    await page.evaluate(() => {
      catchup.load('delivery', 7);
      catchup.advance(20_000);
      catchup.apply({ type: 'publish', topic: 'order-status', value: '?', headers: { poison: 'true' } });
      catchup.advance(30_000);
    });
    await page.getByRole('button', { name: 'Look at the record' }).click();
    await page.getByRole('complementary').waitFor();
  },
  'what is folded up': async (page) => {
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details:not(.tool)')) details.open = true;
    });
    await page.locator('.promises-line').click();
    await page.locator('.challenges-line').click();
  },
  'a service': async (page) => {
    await page.locator('.reader .opener').first().click();
    await page.getByRole('complementary').waitFor();
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('.inspector-place details')) details.open = true;
    });
  },
};

for (const width of [360, 390, 480, 640, 700, 768, 900, 1024, 1120, 1280, 1440]) {
  test(`at ${width} px every control is large enough to hit`, () =>
    site.visit({ viewport: { width, height: 800 }, reducedMotion: 'reduce' }, async (page) => {
      for (const [state, bring] of Object.entries(STATES)) {
        await bring(page);
        await checkFits(page).catch((error) => assert.fail(`${state}: ${error.message}`));
      }
      await page.keyboard.press('Escape');
      const rows = await page.locator('.time .button').evaluateAll((buttons) => {
        const tops = buttons.filter((it) => it.checkVisibility()).map((it) => it.getBoundingClientRect()).map((it) => (it.top + it.bottom) / 2);
        return tops.toSorted((one, other) => one - other).filter((middle, place, all) => place === 0 || middle - all[place - 1] > 20).length;
      });
      assert.ok(rows <= 2, `time takes ${rows} rows`);
      for (const tool of await page.locator('.tool > summary').all()) {
        await tool.click();
        await checkFits(page);
      }
      await screenshot(page, `controls-${width}`);
    }));
}
