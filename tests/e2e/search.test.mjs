// The search for an outage that breaks a promise: in a worker, with progress and cancel; what it finds is played.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const begin = (page, policy) =>
  page.evaluate((value) => {
    catchup.pause();
    catchup.load('delivery', 42);
    catchup.apply({ type: 'set_service_config', service: 'notifications', name: 'commit_policy', value });
  }, policy);
const panel = (page) => page.getByRole('region', { name: 'Find an outage that …' });
const lost = (page) => page.evaluate(() => catchup.snapshot().services[2].lost);

test('a loss is found, shortened, and played from just before', () =>
  site.visit(DESK, async (page) => {
    await begin(page, 'before_processing');
    const part = panel(page);
    await part.getByRole('button', { name: 'Start' }).click();
    await part.getByText('Found: notifications loses an update, and the settings do not promise otherwise').waitFor({ timeout: 60_000 });
    const steps = await part.getByRole('list', { name: 'What happens' }).getByRole('listitem').allTextContents();
    assert.ok(steps.length <= 3 && steps.some((step) => step.includes('crashes')), JSON.stringify(steps));
    await checkAccessible(page);
    await screenshot(page, 'search-found', { fullPage: true });
    await part.getByRole('button', { name: 'Play it from just before the outage' }).click();
    await page.evaluate(() => catchup.pause());
    const before = await page.evaluate(() => catchup.snapshot());
    assert.ok(before.services[2].online && before.services[2].lost === 0, 'the outage is still to come');
    await page.evaluate(() => catchup.seek(catchup.export_run().end_us / 1_000));
    assert.ok((await lost(page)) > 0);
  }));

test('a search can be left, and another begun', () =>
  site.visit(DESK, async (page) => {
    await begin(page, 'after_processing');
    const part = panel(page);
    assert.equal(await part.getByRole('combobox').inputValue(), 'nothing_twice', 'what the settings allow is chosen first');
    await part.getByText('The settings of logistics and notifications each allow it: expect to find one.').waitFor();
    await part.getByRole('combobox').selectOption('nothing_is_lost');
    await part.getByText('The present settings rule it out: expect to find nothing.').waitFor();
    await checkAccessible(page);
    await screenshot(page, 'search-ruled-out');
    await part.getByRole('button', { name: 'Start' }).click();
    await part.getByText(/schedules? tried so far, at [\d.]+ schedules a second/).waitFor({ timeout: 60_000 });
    await part.getByRole('button', { name: 'Cancel' }).click();
    await part.getByText(/Cancelled after \d+ schedules?/).waitFor();
    await part.getByRole('combobox').selectOption('nothing_twice');
    await part.getByRole('button', { name: 'Start' }).click();
    await part.getByText('Found: ').waitFor({ timeout: 60_000 });
  }));

test('a setting that allows what is sought is one press away', () =>
  site.visit(DESK, async (page) => {
    await begin(page, 'after_processing');
    const part = panel(page);
    await part.getByRole('combobox').selectOption('nothing_is_lost');
    await part.getByRole('button', { name: 'Let notifications commit before its work' }).click();
    await part.getByText('The settings of notifications allow it: expect to find one.').waitFor();
    await part.getByRole('button', { name: 'Start' }).click();
    await part.getByText('Found: notifications loses an update').waitFor({ timeout: 60_000 });
  }));

test('scripts search too, and where nothing is found they are told how much was tried', () =>
  site.visit(DESK, async (page) => {
    await begin(page, 'after_processing');
    const none = await page.evaluate(() => catchup.search({ promise: 'nothing_is_lost', tries: 5 }));
    assert.deepEqual(none, { stage: 'not_found', tries: 5, simulated_ms: 300_000, found: null });
    const search = () => page.evaluate(() => catchup.search({ promise: 'nothing_twice' }));
    const [one, other] = await Promise.all([search(), search()]);
    assert.deepEqual(one, other);
    assert.equal(one.stage, 'found');
    const refused = await page.evaluate(() => Promise.resolve().then(() => catchup.search({ promise: 'x' })).catch((error) => error.message));
    assert.match(refused, /promise is "x"; it must be one of nothing_is_lost/);
  }));

test('a search has its own seed and length, and what it has found is there after a reload', () =>
  site.visit(DESK, async (page) => {
    await begin(page, 'before_processing');
    const refused = await page.evaluate(() => Promise.resolve().then(() => catchup.search({ horizon_ms: 5 })).catch((error) => error.message));
    assert.equal(refused, 'horizon is 5; it must be from 30000 to 600000 milliseconds');
    const { found } = await page.evaluate(() => catchup.search({ seed: 7, horizon_ms: 40_000 }));
    assert.ok(found.seed >= 7 && found.at_ms <= 40_000, JSON.stringify(found));
    const part = panel(page);
    await part.getByText('More', { exact: true }).click();
    await part.getByRole('textbox', { name: 'First seed' }).fill('7');
    await part.getByRole('textbox', { name: 'Seconds of each run' }).fill('40');
    await part.getByRole('button', { name: 'Start' }).click();
    const told = part.getByText(/^Found: notifications loses an update/);
    await told.waitFor({ timeout: 60_000 });
    const text = await told.textContent();
    await page.reload();
    await told.waitFor();
    assert.equal(await told.textContent(), text);
    await part.getByRole('button', { name: 'Play it from just before the outage' }).waitFor();
  }));

test('a strict policy of what may run does not stand in its way', async () =>
  site.visit(
    {
      ...DESK,
      before: (page) =>
        page.route('**/search.js', async (route) => {
          const response = await route.fetch();
          const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
          await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
        }),
    },
    async (page) => {
      await begin(page, 'after_processing');
      assert.equal((await page.evaluate(() => catchup.search({ tries: 1 }))).tries, 1);
    },
  ));
