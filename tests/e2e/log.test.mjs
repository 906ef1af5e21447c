// A partition laid open: its segments, what retention and compaction do to it, and its topic's settings, changed as it runs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

// Nothing may be in motion when contrast is measured.
const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };
const MINUTE_MS = 60_000;

const set = (page, name, value) =>
  page.evaluate(([name, value]) => catchup.apply({ type: 'set_topic_config', topic: 'order-status', name, value }), [name, value]);
const advance = (page, ms) => page.evaluate((ms) => catchup.advance(ms), ms);
const logStart = (page) => page.evaluate(() => catchup.snapshot().topics[0].partitions[0].log_start_offset);
const open = async (page) => {
  await page.getByRole('button', { name: 'Partition 0' }).click();
  return page.getByRole('complementary', { name: 'order-status · partition 0' });
};
const field = (partition, name) => partition.getByRole('textbox', { name: new RegExp(`^${name.replaceAll('.', '\\.')} `) });

test('a partition shows its segments, and retention deletes the oldest as it said', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => catchup.pause());
    const partition = await open(page);
    await field(partition, 'segment.bytes').fill('16384');
    await field(partition, 'segment.bytes').press('Enter');
    await field(partition, 'retention.ms').fill('120000');
    await field(partition, 'retention.ms').press('Enter');
    await partition.getByText('The only segment is still being written').waitFor();
    assert.equal(await logStart(page), 0);
    await advance(page, 20 * MINUTE_MS);
    await partition.getByText(/goes (after|at) /).waitFor();
    assert.ok((await logStart(page)) > 0, 'retention has deleted segments');
    const segments = partition.getByRole('list', { name: 'Segments, oldest first' }).getByRole('listitem');
    assert.ok((await segments.count()) > 1);
    assert.match(await segments.last().textContent(), /active/);
    await checkAccessible(page);
    await screenshot(page, 'partition-1440-light');
  }));

test('compaction keeps the last record of each key, and shows which', () =>
  site.visit(PHONE, async (page) => {
    await page.evaluate(() => catchup.pause());
    await set(page, 'segment.bytes', '16384');
    await set(page, 'cleanup.policy', 'compact');
    await advance(page, 15 * MINUTE_MS);
    const partition = await open(page);
    const survivors = partition.getByRole('list', { name: 'Offsets that survive compaction' }).getByRole('listitem');
    const offsets = (await survivors.allTextContents()).map((text) => Number.parseInt(text, 10));
    assert.ok(offsets.length > 0);
    assert.deepEqual(offsets, offsets.toSorted((one, other) => one - other));
    const gaps = offsets.filter((offset, index) => index > 0 && offset > offsets[index - 1] + 1);
    assert.ok(gaps.length > 0, `some offsets are gone: ${offsets}`);
    await checkAccessible(page);
    await screenshot(page, 'partition-390-dark');
  }));

test('a setting that is refused says why, and stays', () =>
  site.visit(DESK, async (page) => {
    const partition = await open(page);
    await field(partition, 'retention.ms').fill('soon');
    await field(partition, 'retention.ms').press('Enter');
    await partition.getByText('retention.ms is "soon"; it must be a whole number from 0, or -1 for no limit').waitFor();
    await assert.rejects(set(page, 'retention.days', '7'), /there is no topic setting "retention.days"; there are: cleanup.policy/);
    await page.keyboard.press('Escape'); // leaves the setting
    await partition.getByText('it must be').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await partition.waitFor({ state: 'detached' });
  }));

const setService = (page, service, name, value) =>
  page.evaluate(([service, name, value]) => catchup.apply({ type: 'set_service_config', service, name, value }), [service, name, value]);

test('a transaction marker is a thin cell of its own, and a record can be looked at as the log stores it', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => catchup.pause());
    await setService(page, 'notifications', 'commit_policy', 'exactly_once');
    await advance(page, MINUTE_MS);
    await page.getByText(/^\d+ more topics$/).click();
    const head = page.getByRole('button', { name: /texts-sent published by notifications/ });
    const { log_end_offset, log_start_offset } = await page.evaluate(() => catchup.snapshot().topics.find((it) => it.name === 'texts-sent').partitions[0]);
    const counted = Number((await head.locator('.aside-count').textContent()).replace(/\D/g, ''));
    assert.ok(counted > 0 && counted < log_end_offset - log_start_offset, `${counted} records, markers not counted`);
    await head.click();
    const lane = page.getByRole('region', { name: 'Topic texts-sent' }).locator('.cells');
    const cells = await lane.locator('[data-offset]').evaluateAll((all) =>
      all.map((it) => ({ offset: Number(it.dataset.offset), width: it.getBoundingClientRect().width, marker: it.matches('.marker') })));
    for (const [index, cell] of cells.entries()) assert.equal(cell.offset, cells[0].offset + index, 'each offset has its cell');
    const [markers, records] = [cells.filter((it) => it.marker), cells.filter((it) => !it.marker)];
    assert.ok(markers.length > 0 && records.length > 0);
    assert.ok(Math.max(...markers.map((it) => it.width)) < Math.min(...records.map((it) => it.width)));
    await checkAccessible(page);
    await screenshot(page, 'markers-1440-light');
    await lane.getByRole('button', { name: /transaction marker \(COMMIT\), not a record/ }).last().click();
    const marker = page.getByRole('complementary', { name: /^texts-sent · partition 0/ });
    await marker.getByText('This is a transaction marker (COMMIT), not a record').waitFor();
    await marker.getByRole('button', { name: 'Previous' }).click();
    await marker.getByText('As the log stores it').click();
    for (const name of ['Batch', 'Partition leader epoch', 'Producer id', 'Producer epoch', 'Sequence', 'Transaction']) {
      await marker.getByText(name, { exact: true }).waitFor();
    }
    await marker.getByText('committed', { exact: true }).waitFor();
    await checkAccessible(page);
    await screenshot(page, 'stored-1440-light');
  }));
