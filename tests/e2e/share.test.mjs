// A run that is sent, saved or dropped: it shows the same instant again, and what is damaged changes nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { checkAccessible, screenshot, startSite } from './harness.mjs';
import { another, button, link, outageAndRoad, seen, withoutBranches } from './runs.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };

test('a link shows exactly that instant on another page, and the run goes on from it', () =>
  site.visit({ ...DESK, ...CLIPBOARD }, async (page) => {
    await outageAndRoad(page);
    await button(page, 'Share').click();
    const panel = page.getByRole('region', { name: 'Send this run' });
    await panel.getByText('The link is on the clipboard.').waitFor();
    const field = panel.getByRole('textbox', { name: 'Link to this run at this instant' });
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(await field.inputValue(), copied);
    assert.equal(await link(page), copied);
    assert.ok(copied.length < 200, copied);
    await checkAccessible(page);
    await screenshot(page, 'share-1440-light');
    const run = await seen(page);
    await another(page, copied, async (other) => {
      assert.deepEqual(await seen(other), withoutBranches(run));
      assert.equal(await other.evaluate(() => catchup.snapshot().playing), false);
      await other.evaluate(() => catchup.advance(35_000));
      await page.evaluate(() => catchup.advance(35_000));
      assert.deepEqual(await seen(other), withoutBranches(await seen(page)));
    });
    await panel.getByRole('button', { name: 'Close' }).click();
    await panel.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.id), 'share');
  }));

test('whoever shares is told that the run is held for that, and it goes on; whoever opens it is told to press Play', () =>
  site.visit({ ...DESK, ...CLIPBOARD }, async (page) => {
    await outageAndRoad(page);
    await button(page, 'Play').click();
    await button(page, 'Share').click();
    const panel = page.getByRole('region', { name: 'Send this run' });
    await panel.getByText('Your run is held meanwhile, and goes on when you close this.').waitFor();
    const address = await page.evaluate(() => (catchup.link()));
    await panel.getByRole('button', { name: 'Close' }).click();
    await button(page, 'Pause').waitFor();
    await another(page, address, async (other) => {
      const told = other.locator('.arrival');
      await told.getByText(/^Somebody shared this run with you\. It is held at [\d:.]+: press Play to see what happens next\.$/).waitFor();
      await checkAccessible(other);
      await screenshot(other, 'arrived-1440-light');
      await other.setViewportSize({ width: 390, height: 844 });
      await screenshot(other, 'arrived-390-light');
      await told.getByRole('button', { name: 'Play' }).click();
      await told.waitFor({ state: 'detached' });
      await button(other, 'Pause').waitFor();
    });
  }));

test('without a clipboard the link is there to be copied', () =>
  site.visit({ ...PHONE, before: (page) => page.addInitScript(() => delete Navigator.prototype.clipboard) }, async (page) => {
    await outageAndRoad(page);
    await button(page, 'Share').click();
    await page.getByText('The clipboard cannot be reached: copy the link from here.').waitFor();
    const selected = await page.evaluate(() => {
      const { value, selectionStart, selectionEnd } = document.activeElement;
      return value.slice(selectionStart, selectionEnd);
    });
    assert.equal(selected, await link(page));
    await checkAccessible(page);
    await screenshot(page, 'share-390-dark');
  }));

test('a run that is too long for a link says so, and offers the file', () =>
  site.visit(DESK, async (page) => {
    await page.evaluate(() => {
      catchup.pause();
      for (let times = 0; times < 2001; times += 1) catchup.apply({ type: 'set_service_online', service: 'orders', online: times % 2 === 1 });
    });
    await assert.rejects(link(page), /A link holds 2000 commands, and this run has had 2001\. Save it as a file instead\./);
    await button(page, 'Share').click();
    await page.getByText('A link holds 2000 commands').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save as a file').click()]);
    assert.equal(JSON.parse(readFileSync(await download.path(), 'utf8')).commands.length, 2001);
  }));

test('a damaged, foreign or newer link says so, and the work goes on untouched', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    const good = await link(page);
    const wrong = [
      [good.slice(0, -3), /This link is damaged/],
      [good.replace('run=A', 'run=B'), /This link is damaged/],
      ['https://example.org/', /This is not a Catchup link/],
      [`#run=${'A'.repeat(8_000)}`, /This link has 8004 characters, and the limit is 8000/],
    ];
    for (const [damaged, expected] of wrong) {
      await assert.rejects(page.evaluate((damaged) => catchup.open(damaged), damaged), expected);
    }
    await assert.rejects(page.evaluate(() => catchup.open(7)), /link must be a text/);
    await page.evaluate((hash) => (location.hash = hash), new URL(wrong[0][0]).hash);
    await page.getByRole('alert').getByText('This link is damaged').waitFor();
    assert.deepEqual(await seen(page), run);
    await page.evaluate((hash) => (location.hash = hash), new URL(good).hash);
    await page.waitForFunction(() => catchup.branches().length === 0);
    assert.deepEqual(await seen(page), withoutBranches(run));
  }));

test('a long run is opened while the page is there, and need not be opened to its end', () =>
  site.visit(DESK, async (page) => {
    const hours = 6;
    const address = await page.evaluate((ms) => {
      catchup.pause();
      catchup.load('delivery', 3);
      catchup.advance(ms);
      return catchup.link();
    }, hours * 3_600_000);
    const opening = (other) => other.getByText('Opening the run:');
    await another(page, address, async (other) => {
      await opening(other).waitFor();
      await opening(other).waitFor({ state: 'detached', timeout: 60_000 });
      await other.getByText(`0${hours}:00:00.0`).first().waitFor();
    });
    await another(page, address, async (other) => {
      await button(other, 'Stop here').click();
      await opening(other).waitFor({ state: 'detached' });
      assert.ok((await other.evaluate(() => catchup.export_run().end_us)) < hours * 3_600_000_000);
    });
  }));

test('a page that is opened with a damaged link says so and begins as always', () =>
  site.visit({ ...DESK, path: '#run=AQdamaged' }, async (page) => {
    await page.getByRole('alert').getByText('This link is damaged').waitFor();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    assert.ok((await page.evaluate(() => catchup.snapshot())).time_ms >= 12_000);
    await checkAccessible(page);
  }));

test('a run is saved, opened and dropped with its branches', () =>
  site.visit(DESK, async (page) => {
    await outageAndRoad(page);
    const run = await seen(page);
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save').click()]);
    assert.equal(download.suggestedFilename(), 'catchup-delivery-42.json');
    const file = readFileSync(await download.path(), 'utf8');
    const begin = () => page.evaluate(() => catchup.load('delivery', 1));
    const isBack = async () => {
      await page.waitForFunction((us) => catchup.time_us() === us, run.us);
      assert.deepEqual(await seen(page), run);
    };

    await begin();
    await page.locator('input[type=file]').setInputFiles({ name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(file) });
    await isBack();

    await begin();
    await drag(page, 'dragover', file);
    await page.locator('body[data-dropping]').waitFor();
    await screenshot(page, 'drop-1440-light');
    await drag(page, 'drop', file);
    await isBack();
    assert.equal(await page.locator('body[data-dropping]').count(), 0);

    await begin();
    const exported = JSON.parse(file);
    await page.evaluate((file) => catchup.import_run(file), exported);
    await isBack();
    assert.deepEqual(await page.evaluate(() => catchup.export_run()), exported);
    await page.evaluate((file) => catchup.import_run(file), file);
    await isBack();

    await drag(page, 'drop', file.slice(0, 400));
    await page.getByRole('alert').getByText('it is no JSON').waitFor();
    const wrong = { ...exported, commands: [{ at_us: 1, command: { type: 'shut_down', service: 'nobody' } }] };
    await assert.rejects(page.evaluate((file) => catchup.import_run(file), wrong), /command 1 \(at 00:00:00\.000001\) names the service "nobody"/);
    await assert.rejects(page.evaluate((file) => catchup.import_run(file), { ...exported, sede: 1 }), /sede: there is no such field/);
    await isBack();
  }));

/** Holds a file over the page, or lets it go. */
const drag = (page, name, text) =>
  page.evaluate(([name, text]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], 'run.json', { type: 'application/json' }));
    document.querySelector('main').dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
  }, [name, text]);
