// Whoever sees the page otherwise: colours that the system chooses, more contrast, larger text, and a window as narrow as a page at 400 %.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };

const outage = (page) =>
  page.evaluate(() => {
    catchup.pause();
    catchup.load('delivery', 42);
    catchup.advance(20_000);
    catchup.apply({ type: 'set_service_online', service: 'notifications', online: false });
    catchup.advance(20_000);
  });

/** Texts and controls that stick out of the window, or out of what cuts them off. */
const clipped = (page) =>
  page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const name = (element) => `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 40)}"`;
    const isMeant = (element) => element.closest('.unseen, .file, .cells, .phone-screen, .scroll, .lag-scroll, .plot-area, .switch, [aria-hidden=true], .tool-body, details:not([open]) > :not(summary)');
    const broken = [];
    for (const element of document.querySelectorAll('main *, .top *, .time *')) {
      const style = getComputedStyle(element);
      if (isMeant(element) || style.display === 'none' || style.clipPath !== 'none') continue;
      const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
      if (!hasText && !element.matches('button, input, select, summary')) continue;
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 0 && (left < -1 || right > wide + 1)) broken.push(`${name(element)} from ${left} to ${right}`);
      if (style.overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1) broken.push(`${name(element)} is cut off`);
      const card = element.closest('.card, .panel, .topic, .outcome, .notice, .news');
      if (width > 0 && card && right > card.getBoundingClientRect().right + 1) broken.push(`${name(element)} sticks out of .${card.className}`);
    }
    if (document.documentElement.scrollWidth > wide) broken.push(`the page is ${document.documentElement.scrollWidth} wide`);
    return broken;
  });

/** What a person sets in the browser: its standard text is so large. */
const setText = async (page, px) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.enable');
  await session.send('Page.setFontSizes', { fontSizes: { standard: px, fixed: px } });
};

for (const width of [1440, 768, 390]) {
  test(`at ${width} px with text of 200 % nothing is cut off, and nothing has to be scrolled sideways`, () =>
    site.visit({ ...DESK, viewport: { width, height: 900 } }, async (page) => {
      await outage(page);
      const size = () => page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
      const before = await size();
      await setText(page, 32);
      assert.equal(Number.parseFloat(await size()), 2 * Number.parseFloat(before));
      const broken = await clipped(page);
      await screenshot(page, `text-200-${width}`);
      assert.deepEqual(broken, []);
    }));
}

test('at 320 px, which is 1280 px at 400 %, nothing is cut off either, and nothing stands before the page', () =>
  site.visit({ ...DESK, viewport: { width: 320, height: 256 } }, async (page) => {
    await outage(page);
    await screenshot(page, 'narrow-320', { fullPage: true });
    assert.deepEqual(await clipped(page), []);
    const inFront = await page.locator('.time, .news-wrap').evaluateAll((all) => all.map((it) => getComputedStyle(it).position));
    assert.deepEqual(inFront.filter((position) => ['sticky', 'fixed'].includes(position)), []);
    await checkAccessible(page);
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`with colours of the system (${colorScheme}) what is on, chosen, full or selected can still be told`, () =>
    site.visit({ ...DESK, colorScheme, forcedColors: 'active' }, async (page) => {
      await outage(page);
      await page.locator('[data-offset]').last().click();
      await screenshot(page, `forced-${colorScheme}`);
      const look = (selector) =>
        page.locator(selector).first().evaluate((it) => {
          const { backgroundColor, backgroundImage, borderTopColor, backgroundSize } = getComputedStyle(it);
          return [backgroundColor, backgroundImage, borderTopColor, backgroundSize].join(' ');
        });
      const pairs = [
        ['.switch[aria-checked="true"] .switch-track', '.switch[aria-checked="false"] .switch-track'],
        ['.choice [aria-pressed="true"]', '.choice [aria-pressed="false"]'],
        ['.cell.selected', '.cell:not(.selected, .next)'],
        ['.steps i.done', '.steps i:not(.done)'],
        ['[aria-labelledby="service-2"] .bar', '[aria-labelledby="service-1"] .bar'],
      ];
      for (const [one, other] of pairs) assert.notEqual(await look(one), await look(other), `${one} looks like ${other}`);
      // Which colours they are is the system's business, and what axe-core computes here is what would have been otherwise.
      await checkAccessible(page, { rules: { 'color-contrast': { enabled: false } } });
    }));

  test(`with more contrast (${colorScheme}) texts have that of WCAG's level AAA`, () =>
    site.visit({ ...DESK, colorScheme, contrast: 'more' }, async (page) => {
      await outage(page);
      await screenshot(page, `contrast-${colorScheme}`);
      await checkAccessible(page);
      await checkAccessible(page, { runOnly: ['color-contrast-enhanced'], rules: { 'color-contrast-enhanced': { enabled: true } } });
    }));
}
