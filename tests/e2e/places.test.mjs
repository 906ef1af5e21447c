// Where things stand: what moves nothing, and what runs beside everything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESKTOP = { width: 1440, height: 900 };
const LAPTOP = { width: 1280, height: 800 };
const HALF = { width: 700, height: 800 };
const TABLET = { width: 1024, height: 768 };
/** As in src/ui/flow/mod.rs. */
const DOT_PX = 7;
const PHONE = { width: 390, height: 844 };

// A stuck record and partitions without a leader take more words than a narrow window has room for at all times.
for (const [viewport, whatever] of [[DESKTOP, true], [TABLET, true], [LAPTOP, false], [HALF, false], [PHONE, false]]) {
  const said = whatever ? 'whatever that says' : 'while that tells of an outage';
  test(`at ${viewport.width} px what is below the sentence stays where it is, ${said}`, () =>
    site.visit({ viewport, reducedMotion: 'reduce' }, async (page) => {
      const { places, ofOutage } = await page.evaluate(async () => {
        catchup.pause();
        catchup.load('delivery', 7);
        const places = new Map();
        const look = async (ms) => {
          catchup.advance(ms);
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          places.set(document.querySelector('.news-text').textContent, document.querySelector('.flow').getBoundingClientRect().top);
        };
        const turn = (service, online) => catchup.apply({ type: 'set_service_online', service, online });
        await look(20_000);
        turn('notifications', false);
        await look(10_000);
        turn('logistics', false);
        await look(10_000);
        turn('notifications', true);
        turn('logistics', true);
        for (let times = 0; times < 12; times += 1) await look(3_000);
        const ofOutage = places.size;
        catchup.apply({ type: 'set_broker_online', broker: 2, online: false });
        await look(500);
        await look(20_000);
        catchup.apply({ type: 'set_broker_online', broker: 2, online: true });
        catchup.apply({ type: 'publish', topic: 'order-status', value: '?', headers: { poison: 'true' } });
        await look(120_000);
        return { places: [...places], ofOutage };
      });
      assert.ok(ofOutage >= 6 && places.length >= ofOutage + 3, `the sentence changes: ${places.map(([text]) => text).join('\n')}`);
      assert.match(places.at(-1)[0], /has failed \d+ times .* or fix the bug\.$/);
      const held = whatever ? places : places.slice(0, ofOutage);
      assert.equal(new Set(held.map(([, top]) => top)).size, 1, JSON.stringify(held));
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
