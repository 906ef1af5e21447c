// `window.catchup`, as a script meets it: the same commands give the same run, and what is wrong is said.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESKTOP = { width: 1440, height: 900 };

const snapshot = (page) => page.evaluate(() => window.catchup.snapshot());

test('the same seed and commands give the same run, at any speed', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    const run = (slices) =>
      page.evaluate((parts) => {
        const { catchup } = window;
        catchup.pause();
        catchup.load('delivery', 7);
        const go = (ms) => { for (let part = 0; part < parts; part += 1) catchup.advance(ms / parts); };
        go(20_000);
        catchup.apply({ type: 'set_service_online', service: 'logistics', online: false });
        go(20_000);
        catchup.apply({ type: 'set_service_online', service: 'logistics', online: true });
        go(20_000);
        return [catchup.trace_hash(), catchup.snapshot().time_ms];
      }, slices);
    const once = await run(1);
    assert.deepEqual(await run(100), once);
    assert.equal(once[1], 60_000);
    await page.getByLabel('Speed').selectOption('1000');
    await page.getByRole('button', { name: 'Play' }).click();
    await page.waitForFunction(() => window.catchup.snapshot().time_ms > 660_000); // ten simulated minutes went by
  });
});

test('window.catchup says what is wrong, and then nothing has changed', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    await page.evaluate(() => window.catchup.pause());
    const before = [await snapshot(page), await page.evaluate(() => window.catchup.trace_hash())];
    const wrong = [
      ['apply', [{ type: 'set_service_online', service: 'nobody', online: true }], /no service "nobody"/],
      ['apply', [{ type: 'dance' }], /dance/],
      ['apply', [{ type: 'publish', topic: 'order-status', partition: 9 }], /partitions 0 to 2, not 9/],
      ['advance', [-1], /ms is -1/],
      ['advance', ['soon'], /ms must be a number/],
      ['load', ['no-such-scenario', 1], /no scenario "no-such-scenario"/],
      ['load', [{ version: 1, nmae: 'x' }, 1], /nmae/],
      ['load', ['delivery', 1.5], /whole number/],
    ];
    for (const [method, args, expected] of wrong) {
      const message = await page.evaluate(([name, values]) => {
        try {
          window.catchup[name](...values);
          return 'it threw nothing';
        } catch (error) {
          return error instanceof Error ? error.message : `it threw ${typeof error}`;
        }
      }, [method, args]);
      assert.match(message, expected, `${method}(${JSON.stringify(args)})`);
    }
    assert.deepEqual([await snapshot(page), await page.evaluate(() => window.catchup.trace_hash())], before);
  });
});
