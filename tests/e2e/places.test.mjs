// Where things stand: what moves nothing, and what runs beside everything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

/** As in src/ui/flow/mod.rs. */
const DOT_PX = 7;
const PHONE = { width: 390, height: 844 };

/** What the sentence says from the beginning of an outage of two services to its end, of a broker, and of records that cannot be read, and where what is below it stands meanwhile. */
const tell = (page, [name, topic, first, second]) =>
  page.evaluate(async ([name, topic, first, second]) => {
    catchup.pause();
    catchup.load(name, 7);
    const places = new Map();
    const look = async (ms) => {
      catchup.advance(ms);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      places.set(document.querySelector('.news-text').textContent, document.querySelector('.flow').getBoundingClientRect().top);
    };
    const turn = (service, online) => catchup.apply({ type: 'set_service_online', service, online });
    await look(20_000);
    turn(first, false);
    await look(10_000);
    turn(second, false);
    await look(10_000);
    turn(first, true);
    turn(second, true);
    for (let times = 0; times < 12; times += 1) await look(3_000);
    catchup.apply({ type: 'set_broker_online', broker: 2, online: false });
    await look(500);
    await look(20_000);
    catchup.apply({ type: 'set_broker_online', broker: 2, online: true });
    catchup.apply({ type: 'publish', topic, value: '?', headers: { poison: 'true' } });
    await look(120_000);
    return [...places];
  }, [name, topic, first, second]);

const TOLD = [['delivery', 'order-status', 'notifications', 'logistics'], ['shop', 'purchases', 'notifications', 'payments']];
const WINDOWS = [...[360, 390, 640, 700, 900, 1024, 1121, 1280, 1390, 1440].map((width) => [width, 800]), [568, 320], [667, 375], [844, 390], [932, 430]];
for (const [width, height] of WINDOWS) {
  test(`at ${width} x ${height} px what is below the sentence stays where it is, whatever that says`, () =>
    site.visit({ viewport: { width, height }, reducedMotion: 'reduce' }, async (page) => {
      for (const scenario of TOLD) {
        const places = await tell(page, scenario);
        assert.ok(places.length >= 8, `the sentence changes: ${places.map(([text]) => text).join('\n')}`);
        assert.match(places.at(-1)[0], /has failed \d+ times .*fix the bug\. Look at the record$/);
        assert.equal(new Set(places.map(([, top]) => top)).size, 1, JSON.stringify(places));
      }
    }));
}

for (const [width, height] of WINDOWS.slice(-4)) {
  test(`on a phone that lies on its side, ${width} x ${height} px, the sentence, Play and a service are in sight, and the first two stay there`, () =>
    site.visit({ viewport: { width, height }, reducedMotion: 'reduce' }, async (page) => {
      const isSeen = () =>
        page.evaluate(() =>
          ['.news-text', '.play'].every((it) => {
            const { top, bottom, left, right } = document.querySelector(it).getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth;
          }),
        );
      assert.ok(await isSeen());
      assert.ok(await page.locator('.card h2').first().evaluate((it) => it.getBoundingClientRect().bottom <= document.querySelector('.time').getBoundingClientRect().top));
      await page.locator('.foot').scrollIntoViewIfNeeded();
      assert.ok(await isSeen(), 'after scrolling');
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    }));
}

test('wires on a phone run beside the cards, inside the page', async () => {
  await site.visit({ viewport: PHONE, reducedMotion: 'reduce' }, async (page) => {
    const right = (selector) => page.locator(selector).first().evaluate((it) => it.getBoundingClientRect().right);
    const [wires, card, topic] = await Promise.all(['.wires', '.readers .card', '.topic'].map(right));
    const clientWidth = await page.evaluate(() => document.documentElement.clientWidth);
    // The canvas is the wires and a margin on each side that a dot needs.
    const clear = Math.max(card, topic) + DOT_PX + 4;
    assert.ok(wires > clear && wires <= clientWidth, JSON.stringify({ wires, card, topic, clientWidth }));
  });
});
