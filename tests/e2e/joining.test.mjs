// Services that join and leave while everything runs, on the shop that ships: a second system, of which no line of the page knows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, checkFits, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

// Nothing may be in motion when contrast is measured.
const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };

/** The shop after so many milliseconds, held. */
const shop = (page, ms) =>
  page.evaluate((ms) => {
    catchup.pause();
    catchup.load('shop', 42);
    catchup.advance(ms);
  }, ms);
const advance = (page, ms) => page.evaluate((ms) => catchup.advance(ms), ms);
const service = (page, name) => page.evaluate((name) => catchup.snapshot().services.find((it) => it.name === name), name);
const account = (page, name) => page.evaluate((name) => catchup.ledger().find((it) => it.group === name), name);
/** How many records there are in the topic that everybody reads. */
const purchases = (page) =>
  page.evaluate(() => {
    const { partitions } = catchup.snapshot().topics.find((it) => it.name === 'purchases');
    return partitions.reduce((sum, { log_end_offset }) => sum + log_end_offset, 0);
  });

test('the shop is chosen in plain words, and is another system', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => catchup.pause());
    const systems = page.getByRole('combobox', { name: 'System' });
    assert.deepEqual(await systems.getByRole('option').allTextContents(), ['Delivery tracking', 'Online shop']);
    await systems.selectOption('Online shop');
    await page.getByRole('heading', { name: 'payments' }).waitFor();
    const names = await page.evaluate(() => catchup.snapshot().services.map((it) => it.name));
    assert.deepEqual(names, ['storefront', 'inventory', 'payments', 'notifications']);
    await page.getByRole('table', { name: 'Charges' }).waitFor();
    await systems.selectOption('Delivery tracking');
    await page.getByRole('heading', { name: 'logistics' }).waitFor();
  }));

test('while payments is unavailable people go on buying, and then every charge is made', () =>
  site.visit(DESK, async (page) => {
    await shop(page, 20_000);
    await page.getByRole('switch', { name: 'payments' }).click();
    await advance(page, 30_000);
    await page.getByText(/payments is offline: \d+ updates are waiting for it/).first().waitFor();
    const { lag } = await service(page, 'payments');
    assert.ok(lag > 20, `${lag} wait`);
    assert.equal((await service(page, 'inventory')).state, 'running');
    await screenshot(page, 'shop-payments-down-1440-light', { fullPage: true });
    await page.getByRole('switch', { name: 'payments' }).click();
    await advance(page, 60_000);
    const { published, processed, waiting, lost, processed_again } = await account(page, 'payments');
    assert.equal(lost, 0);
    assert.ok(waiting <= 5 && processed + waiting === published, JSON.stringify({ published, processed, waiting, processed_again }));
  }));

test('recommendations joins late and reads what the log has kept, from the first record on', () =>
  site.visit(DESK, async (page) => {
    await shop(page, 60_000);
    const before = await purchases(page);
    await page.getByText('Add a service').click();
    await page.getByText('reads every purchase that the log has kept').waitFor();
    await checkAccessible(page);
    await page.getByRole('button', { name: 'Add recommendations' }).click();
    await page.getByRole('heading', { name: 'recommendations' }).waitFor();
    assert.equal((await service(page, 'recommendations')).lag, before, 'all of it is before it');
    await page.getByText('recommendations is new and joins its group').first().waitFor();
    await advance(page, 1_500);
    await page.getByText(/recommendations has joined and reads the [\d,]+ updates that were there before it/).first().waitFor();
    await screenshot(page, 'shop-recommendations-joins-1440-light', { fullPage: true });
    await advance(page, 10_000);
    const { published, processed, lost } = await account(page, 'recommendations');
    assert.ok(processed >= before && lost === 0, JSON.stringify({ before, published, processed }));
    const first = await page.evaluate(() => catchup.snapshot().effects.recommendations[0]);
    assert.equal(first.offset, 0);
    assert.equal(await page.getByRole('button', { name: 'Add recommendations' }).count(), 0, 'it is there already');
  }));

test('a service is removed, its group is left, and the account says what was left unread', () =>
  site.visit(DESK, async (page) => {
    await shop(page, 20_000);
    await page.evaluate(() => catchup.apply({ type: 'set_service_online', service: 'notifications', online: false }));
    await advance(page, 20_000);
    const { waiting } = await account(page, 'notifications');
    assert.ok(waiting > 5);
    await page.getByRole('button', { name: 'Look inside notifications' }).click();
    const panel = page.getByRole('complementary', { name: 'notifications' });
    await panel.getByRole('button', { name: 'Remove this service' }).click();
    await panel.waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('heading', { name: 'notifications', exact: true }).count(), 0);
    await page.getByText(`It has left for good: ${waiting} updates were left unread.`).waitFor();
    await advance(page, 10_000);
    const left = await account(page, 'notifications');
    assert.deepEqual([left.left, left.waiting], [true, waiting], 'what comes later is none of its business');
    assert.equal(await page.evaluate(() => catchup.undo()), true);
    await page.getByRole('heading', { name: 'notifications', exact: true }).first().waitFor();
  }));

test('scripts add services of their own, are told what is wrong with them, and a link shows them again', () =>
  site.visit(DESK, async (page) => {
    await shop(page, 20_000);
    const own = { name: 'audit', summary: 'Reads along', consumes: { topics: ['purchases'], group: 'audit', processing_us: [1_000, 2_000] } };
    const refused = (service) =>
      page.evaluate((service) => {
        try {
          catchup.add_service(service);
          return null;
        } catch (error) {
          return error.message;
        }
      }, service);
    assert.match(await refused({ ...own, consumes: { ...own.consumes, topics: ['elsewhere'] } }), /^consumes\.topics\[0\]: there is no topic "elsewhere"/);
    assert.match(await refused('nobody'), /offers no service "nobody"; it offers: recommendations, fraud-detection/);
    assert.equal(await refused(own), null);
    assert.equal(await refused('fraud-detection'), null);
    await advance(page, 10_000);
    await page.evaluate(() => catchup.remove_service('inventory'));
    await advance(page, 5_000);
    const seen = () => page.evaluate(() => [catchup.trace_hash(), catchup.snapshot().services.map((it) => it.name)]);
    const before = await seen();
    assert.deepEqual(before[1], ['storefront', 'payments', 'notifications', 'audit', 'fraud-detection']);
    await page.evaluate(() => {
      const [link, file] = [catchup.link(), catchup.export_run()];
      catchup.load('delivery', 1);
      catchup.open(link);
      window.file = file;
    });
    assert.deepEqual(await seen(), before);
    await page.evaluate(() => catchup.import_run(window.file));
    assert.deepEqual(await seen(), before);
    await page.evaluate(() => catchup.seek(19_000));
    await page.getByRole('heading', { name: 'audit' }).waitFor({ state: 'detached' });
    await page.evaluate(() => catchup.seek(35_000));
    assert.deepEqual(await seen(), before);
  }));

test('on a phone the offers and what has joined fit', () =>
  site.visit(PHONE, async (page) => {
    await shop(page, 30_000);
    await page.getByText('Add a service').click();
    await checkFits(page);
    await page.getByRole('button', { name: 'Add fraud-detection' }).click();
    await advance(page, 10_000);
    await page.getByRole('table', { name: 'Checked purchases' }).waitFor();
    await checkFits(page);
    await checkAccessible(page);
    await screenshot(page, 'shop-390-dark', { fullPage: true });
  }));
