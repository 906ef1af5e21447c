// Where things stand: what moves nothing, and what runs beside everything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

test('whatever the sentence says, what is below it stays where it is', async () => {
  await site.visit({ viewport: DESKTOP, reducedMotion: 'reduce' }, async (page) => {
    const places = await page.evaluate(async () => {
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
      catchup.apply({ type: 'set_broker_online', broker: 2, online: false });
      await look(500);
      await look(20_000);
      return [...places];
    });
    assert.ok(places.length >= 8, `the sentence changes: ${places.map(([text]) => text).join('\n')}`);
    assert.deepEqual([...new Set(places.map(([, top]) => top))].length, 1, JSON.stringify(places));
  });
});

test('wires on a phone run beside the cards, inside the page', async () => {
  await site.visit({ viewport: PHONE, reducedMotion: 'reduce' }, async (page) => {
    const right = (selector) => page.locator(selector).first().evaluate((it) => it.getBoundingClientRect().right);
    const [wires, card, topic] = await Promise.all(['.wires', '.readers .card', '.topic'].map(right));
    const clientWidth = await page.evaluate(() => document.documentElement.clientWidth);
    assert.ok(wires > Math.max(card, topic) + 6 && wires <= clientWidth, JSON.stringify({ wires, card, topic, clientWidth }));
  });
});
