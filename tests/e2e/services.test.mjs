// A service laid open: its instances and its group, what can happen to it, what it does with records on which it fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, checkFits, screenshot, startSite } from './harness.mjs';

let site;
before(async () => (site = await startSite()));
after(() => site?.close());

// Nothing may be in motion when contrast is measured.
const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' };

/** Pauses the run and begins it anew at a fixed instant, so that each test meets the same moments of it. */
const pause = (page) => page.evaluate(() => (catchup.pause(), catchup.load('delivery', 7), catchup.advance(3_000)));
const advance = (page, ms) => page.evaluate((ms) => catchup.advance(ms), ms);
const service = (page, name) => page.evaluate((name) => catchup.snapshot().services.find((it) => it.name === name), name);
const group = (page, name) => page.evaluate((name) => catchup.snapshot().groups.find((it) => it.name === name), name);
const open = async (page, name) => {
  await page.getByRole('button', { name: `Look inside ${name}` }).click();
  return page.getByRole('complementary', { name });
};
const choose = (panel, setting, value) => panel.getByRole('combobox', { name: new RegExp(`^${setting} `) }).selectOption(value);
const flip = (panel, setting) => panel.getByRole('switch', { name: new RegExp(`^${setting} `) }).click();
const unfold = (panel, title) => panel.getByText(title, { exact: true }).click();
const instances = (panel) => panel.getByRole('list').first().getByRole('listitem');
/** Advances the run until `is` holds, or fails after a minute of simulated time. Some of what is waited for passes soon. */
const advanceUntil = async (page, is) => {
  for (let ms = 0; ms < 60_000; ms += 20) {
    if (await is()) return;
    await advance(page, 20);
  }
  assert.fail('it did not come about within a simulated minute');
};

test('more instances share the partitions, and the one too many says why it is idle', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    const panel = await open(page, 'notifications');
    await panel.getByText('reads partitions 0, 1, 2').waitFor();
    for (let count = 0; count < 3; count += 1) await panel.getByRole('button', { name: 'Add an instance' }).click();
    await advance(page, 5_000);
    await panel.getByText('has no partition to read').waitFor();
    await panel.getByText('1 instance has nothing to do: there are 3 partitions for 4 instances').waitFor();
    assert.equal(await instances(panel).count(), 5, 'four, and the one that reads the retry topic');
    const { partitions, members } = await group(page, 'notifications');
    assert.equal(members, 4);
    assert.equal(partitions.length, 3);
    const owners = (await service(page, 'notifications')).instances.filter((it) => !it.retries).map((it) => it.partitions.length);
    assert.deepEqual(owners.toSorted(), [0, 1, 1, 1]);
    await checkAccessible(page);
    await screenshot(page, 'scaled-out-1440-light');
  }));

const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

for (const [width, height, colorScheme] of [[1920, 1080, 'dark'], [1440, 900, 'dark'], [1280, 800, 'light'], [1024, 768, 'light'], [390, 844, 'light'], [844, 390, 'dark']]) {
  test(`what is laid open hides neither the switch of its service nor what people see of it: ${width} by ${height}`, () =>
    site.visit({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' }, async (page) => {
      await pause(page);
      for (const name of ['notifications', 'logistics', 'orders']) {
        const panel = await open(page, name);
        await page.waitForFunction(() => document.activeElement?.id === 'inspector-heading');
        const over = await panel.boundingBox();
        const card = page.locator('.card', { has: page.getByRole('heading', { name }) });
        const seen = [page.getByRole('switch', { name, exact: true }), page.locator('.reader', { has: card }).locator('.outcome h3')];
        for (const part of seen) {
          if ((await part.count()) === 0) continue; // nobody outside sees anything of orders
          const box = await part.boundingBox();
          assert.ok(apart(box, over), `${name}: covered`);
          assert.ok(box.y >= 0 && box.y + box.height <= height, `${name}: scrolled away`);
        }
        if (width >= 1280) {
          for (const other of await page.locator('.card, .outcome-place, .topic, .news, .top, .below > *').all()) {
            assert.ok(apart(await other.boundingBox(), over), `${name}: beside everything else`);
          }
        }
        await checkFits(page);
        await screenshot(page, `inside-${name}-${width}-${colorScheme}`);
        await panel.getByRole('button', { name: 'Close' }).click();
        await panel.waitFor({ state: 'detached' });
      }
    }));
}

test('a crash in the middle repeats what was in hand, and before it was committed only with that policy', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    const panel = await open(page, 'notifications');
    // Some of what it took is done, and some is not.
    let before = 0;
    const inHand = async () => {
      const now = (await service(page, 'notifications')).instances[0].in_hand;
      const isInTheMiddle = now > 0 && now < before;
      before = now;
      return isInTheMiddle;
    };
    await page.evaluate(() => catchup.apply({ type: 'set_arrival_rate', service: 'orders', arrivals_per_min: 600 }));
    await advance(page, 20_000);
    await advanceUntil(page, inHand);
    await panel.getByRole('switch', { name: 'instance 0' }).click();
    await panel.getByText('crashed without leaving its group').waitFor();
    await panel.getByRole('switch', { name: 'instance 0' }).click();
    await advance(page, 30_000);
    const repeated = await service(page, 'notifications');
    assert.ok(repeated.seen_twice > 0 && repeated.lost === 0, JSON.stringify(repeated));
    await panel.getByText(`texts sent twice: ${repeated.seen_twice}`).waitFor();

    await choose(panel, 'commit_policy', 'before_processing');
    await advance(page, 10_000);
    await advanceUntil(page, inHand);
    await panel.getByRole('button', { name: 'Crash' }).click();
    await advance(page, 1_000);
    await panel.getByRole('button', { name: 'Start' }).click();
    await advance(page, 30_000);
    const lost = await service(page, 'notifications');
    assert.ok(lost.lost > 0 && lost.seen_twice === repeated.seen_twice, JSON.stringify(lost));
    await panel.getByText(`texts never sent: ${lost.lost}`).waitFor();
  }));

test('a poison record becomes a dead letter, and is processed once the bug is fixed and it is redriven', () =>
  site.visit(PHONE, async (page) => {
    await pause(page);
    await page.evaluate(() => catchup.apply({ type: 'set_service_config', service: 'notifications', name: 'on_failure', value: 'dead_letter' }));
    await page.getByText('Publish a record by hand').click();
    await page.getByRole('button', { name: 'Publish a poison record' }).click();
    await advance(page, 5_000);
    assert.equal((await service(page, 'notifications')).dead_lettered, 1);
    assert.equal((await service(page, 'notifications')).state, 'running', 'what is behind it goes on');
    const panel = await open(page, 'notifications');
    await panel.getByText('1 dead letter', { exact: true }).waitFor();
    await checkAccessible(page);
    await screenshot(page, 'dead-letter-390-dark');
    await flip(panel, 'reads_poison');
    await panel.getByRole('button', { name: 'Redrive' }).click();
    await advance(page, 5_000);
    const fixed = await service(page, 'notifications');
    assert.deepEqual([fixed.dead_lettered, fixed.retrying, fixed.lost], [0, 0, 0]);
    await panel.getByText('1 dead letter', { exact: true }).waitFor({ state: 'detached' });
    assert.equal(await page.getByText('This is a mistake in Catchup').count(), 0);
  }));

test('another assignor is taken up while the service runs, and what its rebalances did is told', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    await page.evaluate(() => catchup.apply({ type: 'set_service_config', service: 'logistics', name: 'instances', value: 2 }));
    await advance(page, 5_000);
    const panel = await open(page, 'logistics');
    await panel.getByText('nothing was read meanwhile').waitFor();
    await unfold(panel, 'Kafka settings: consumer');
    await choose(panel, 'partition.assignment.strategy', 'cooperative-sticky');
    await advance(page, 20_000);
    await panel.getByRole('button', { name: 'Add an instance' }).click();
    await advance(page, 10_000);
    await panel.getByText(/the others were read throughout|no consumer had to give up anything else/).waitFor();
    const owners = (await service(page, 'logistics')).instances.filter((it) => !it.retries && it.running).map((it) => it.partitions.length);
    assert.deepEqual(owners, [1, 1, 1]);
  }));

test('that its switch is a crash is said beside the orderly way', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    assert.match(await page.getByRole('switch', { name: 'logistics' }).getAttribute('title'), /its process dies, as in a crash/);
    const panel = await open(page, 'logistics');
    await panel.getByText(/^Its switch is a crash: .* Shut down is the orderly way/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('switch', { name: 'logistics' }).click();
    assert.equal((await service(page, 'logistics')).instances[0].running, false);
    await (await open(page, 'logistics')).getByText('crashed without leaving its group').first().waitFor();
  }));

test('a seed that has just been typed is the one that a reset begins with', () =>
  site.visit(DESK, async (page) => {
    await page.locator('summary', { hasText: 'Start over' }).click();
    await page.getByRole('spinbutton', { name: 'Seed' }).fill('123');
    await page.getByRole('button', { name: 'Reset' }).click();
    assert.equal(await page.evaluate(() => catchup.snapshot().seed), 123);
  }));

test('a service that retries for ever holds up what is behind, and the page says so', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    await page.getByText('Publish a record by hand').click();
    await page.getByRole('button', { name: 'Publish a poison record' }).click();
    const generation = (await group(page, 'logistics')).generation;
    await advance(page, 120_000);
    await page.getByText(/logistics has failed \d+ times at offset \d+ of partition \d/).first().waitFor();
    assert.ok((await service(page, 'logistics')).lag > 0);
    assert.equal((await group(page, 'logistics')).generation, generation, 'it polls while it waits, and stays a member');
    const panel = await open(page, 'logistics');
    await panel.getByText(/^has failed \d+ times at offset \d+ of partition \d/).waitFor();
    assert.equal(await panel.getByText('reads partitions').count(), 0, 'it does not');
    await screenshot(page, 'stuck-1440-light');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Look at the record' }).click();
    const record = page.getByRole('complementary');
    await record.getByText('poison', { exact: true }).first().waitFor();
    const ways = record.getByRole('region', { name: 'What can be done for logistics' });
    await ways.getByText(/^logistics has failed \d+ times on this record/).waitFor();
    await checkAccessible(page);
    await screenshot(page, 'ways-out-1440-light');
    await page.setViewportSize({ width: 390, height: 844 });
    await checkFits(page);
    await screenshot(page, 'ways-out-390-light');
    await ways.getByRole('button', { name: 'Set it aside' }).press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'inspector-heading', 'the keyboard stays there');
    const said = record.getByRole('status');
    await said.getByText('on_failure of logistics is dead_letter now: when it fails next, the record is set aside.').waitFor();
    assert.equal(await ways.getByRole('button', { name: 'Set it aside' }).count(), 0, 'it is done');
    await screenshot(page, 'way-taken-390-light');
    await advance(page, 60_000);
    await ways.waitFor({ state: 'detached' });
    await said.getByText('logistics is past this record.').waitFor();
    assert.equal((await service(page, 'logistics')).dead_lettered, 1);
    assert.equal((await service(page, 'logistics')).lag < 100, true, 'the rest goes on');
  }));

test('a rebalance stops everybody with an eager assignor, and only what moves with a cooperative one', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    const panel = await open(page, 'notifications');
    await panel.getByRole('button', { name: 'Add an instance' }).click();
    await advanceUntil(page, async () => (await group(page, 'notifications')).state === 'PreparingRebalance');
    await panel.getByText('every consumer first gives up all of its partitions, and nothing is read meanwhile').waitFor();
    await unfold(panel, 'Kafka settings: consumer');
    await choose(panel, 'partition.assignment.strategy', 'cooperative-sticky');
    await advance(page, 20_000);
    await panel.getByRole('button', { name: 'Add an instance' }).click();
    await advanceUntil(page, async () => (await group(page, 'notifications')).state === 'PreparingRebalance');
    await panel.getByText('consumers read on, and only the partitions that move are revoked').waitFor();
  }));

test('a group begins elsewhere, and the preview says what that does before it is done', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    const panel = await open(page, 'logistics');
    const committed = (await group(page, 'logistics')).partitions.reduce((sum, it) => sum + it.committed_offset, 0);
    await panel.getByText(`${committed} records would be read again.`).waitFor();
    const where = panel.getByRole('combobox', { name: 'Where the group begins' });
    await where.selectOption('time');
    await panel.getByText('Which time? Whole seconds from the beginning of the run.').waitFor();
    await where.selectOption('earliest');
    await panel.getByRole('button', { name: 'Begin there' }).click();
    await advance(page, 60_000);
    const { seen_twice: again } = await service(page, 'logistics');
    assert.equal(again, committed);
  }));

test('a network that is cut fills the producer, and nothing is lost when it is joined again', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    const panel = await open(page, 'orders');
    await panel.getByRole('button', { name: 'Cut the network' }).click();
    await advance(page, 20_000);
    await page.getByText('orders runs, but cannot reach the broker: what it publishes waits in its memory.').first().waitFor();
    await panel.getByRole('button', { name: 'Reconnect the network' }).click();
    await advance(page, 60_000);
    assert.equal((await service(page, 'orders')).connected, true);
    await page.getByText('All services are running.').first().waitFor();
    const { lost, lag } = await service(page, 'notifications');
    assert.deepEqual([lost, lag > 100], [0, false]);
  }));

test('a setting of a service that is refused says why, and stays', () =>
  site.visit(DESK, async (page) => {
    const panel = await open(page, 'logistics');
    assert.equal(await panel.getByRole('textbox', { name: /^max\.poll/ }).count(), 0, 'what is Kafka’s is folded up');
    await unfold(panel, 'Kafka settings: consumer');
    const field = panel.getByRole('textbox', { name: /^max\.poll\.records / });
    await field.fill('none');
    await field.press('Enter');
    await panel.getByText('max.poll.records is "none"; it must be a whole number from 1 to 10000').waitFor();
    assert.equal((await service(page, 'logistics')).settings['max.poll.records'], '20');
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(await field.inputValue(), 'none', 'what is wrong is still there to be mended');
    const why = await field.getAttribute('aria-describedby');
    assert.match(await page.locator(`[id="${why}"]`).textContent(), /it must be a whole number/);
    await flip(panel, 'static_membership');
    await panel.getByRole('switch', { name: /^static_membership /, checked: true }).waitFor();
    await checkAccessible(page);
    await screenshot(page, 'settings-1440-light');
    assert.equal(await field.inputValue(), 'none', 'whatever else is set meanwhile');
    await field.fill('0');
    await field.press('Enter');
    await panel.getByText('max.poll.records is "0"').waitFor();
    await field.press('Escape');
    await panel.getByText('it must be a whole number').waitFor({ state: 'detached' });
    assert.deepEqual([await field.inputValue(), await panel.count()], ['20', 1], 'Escape leaves the setting first');
    await field.press('Escape');
    await panel.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Look inside logistics');
  }));

test('a setting that another one stands in the way of is set with one press, which is taken back as one', () =>
  site.visit(DESK, async (page) => {
    await pause(page);
    const panel = await open(page, 'orders');
    await choose(panel, 'acks', '0');
    await panel.getByText(/enable\.idempotence needs acks=all/).waitFor();
    await checkAccessible(page);
    await screenshot(page, 'refused-1440-light');
    await panel.getByRole('button', { name: 'Switch enable.idempotence off and set acks to 0' }).click();
    const acks = panel.getByRole('combobox', { name: /^acks / });
    const idempotence = panel.getByRole('switch', { name: /^enable\.idempotence / });
    assert.equal(await acks.inputValue(), '0');
    assert.equal(await acks.evaluate((it) => it === document.activeElement), true, 'the keyboard stays at the setting');
    assert.equal(await idempotence.getAttribute('aria-checked'), 'false');
    await page.locator('summary', { hasText: 'What happened' }).click();
    const told = page.getByRole('button', { name: /orders: acks set from all to 0/ });
    await told.waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    assert.deepEqual([await acks.inputValue(), await idempotence.getAttribute('aria-checked')], ['all', 'true']);
    await told.waitFor({ state: 'detached' });
  }));
