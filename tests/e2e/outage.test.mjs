// The built page as a person meets it: an outage from beginning to end, with the mouse and by keyboard alone, in both themes
// and on a phone, with every state looked at by axe-core and photographed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, checkFits, screenshot, startSite } from './harness.mjs';

let site;
before(async () => {
  site = await startSite();
});
after(() => site.close());

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const STAGES = ['Thank you! We have', 'is paid', 'is packed', 'has left for', 'comes today', 'at your door'];

const snapshot = (page) => page.evaluate(() => window.catchup.snapshot());
const advance = (page, ms) => page.evaluate((by) => window.catchup.advance(by), ms);
const serviceSwitch = (page, name) => page.getByRole('switch', { name });
const lagCell = (page, group) =>
  page.getByRole('table', { name: 'Consumer lag' }).getByRole('row', { name: group }).getByRole('cell').first();
const says = (page, text) => page.locator('.news', { hasText: text }).waitFor();

async function until(page, what, condition, argument) {
  await page.waitForFunction(condition, argument, { polling: 'raf' }).catch((error) => {
    throw new Error(`waited in vain until ${what}`, { cause: error });
  });
}

/** Waits until the lag that the page shows for a group is what `test` wants. */
async function shownLag(page, group, least, most) {
  await until(
    page,
    `the lag of ${group} is from ${least} to ${most}`,
    ([name, from, to]) => {
      const table = document.querySelector('table[aria-label="Consumer lag"]');
      const row = [...table.querySelectorAll('tbody tr')].find((it) => it.querySelector('th').textContent.includes(name));
      const lag = Number(row.querySelector('td').textContent.replaceAll(',', ''));
      return lag >= from && lag <= to;
    },
    [group, least, most],
  );
}

/** Holds the run at an instant at which a service has nothing in hand and nothing to commit. */
async function idle(page, name) {
  await page.evaluate((name) => {
    catchup.pause();
    const isBusy = ({ services, groups }) =>
      services.find((it) => it.name === name).instances.some((it) => it.in_hand > 0) || groups.find((it) => it.name === name).lag > 0;
    for (let ms = 0; isBusy(catchup.snapshot()); ms += 1) {
      if (ms === 60_000) throw new Error(`${name} is busy all the time`);
      catchup.advance(1);
    }
  }, name);
}

test('an outage: lag grows, the others go on, everything arrives in order and nothing is lost', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    await says(page, 'keep up with every update');
    const before = await snapshot(page);
    await idle(page, 'notifications'); // a crash in the middle repeats texts, which is the next test
    await serviceSwitch(page, 'notifications').click();
    await says(page, 'notifications is offline');
    await page.evaluate(() => catchup.play());
    await advance(page, 20_000);
    await shownLag(page, 'notifications', 40, 500);
    await says(page, 'orders and logistics go on');
    const during = await snapshot(page);
    assert.equal(during.services.find(({ name }) => name === 'notifications').state, 'offline');
    assert.ok(during.effects.logistics.length > before.effects.logistics.length + 40, 'logistics goes on');
    assert.ok(during.groups.find(({ name }) => name === 'logistics').lag < 20, 'logistics keeps up');
    await page.getByText('nothing new for').waitFor();

    await serviceSwitch(page, 'notifications').click();
    await says(page, 'notifications is back');
    await advance(page, 6_000);
    await says(page, 'notifications has caught up');
    await says(page, 'Nothing was lost.');
    await shownLag(page, 'notifications', 0, 20);
    assert.match(await page.locator('.accounts').innerText(), /notifications: [\d,]+ published = [\d,]+ processed \+ \d+ waiting \+ 0 dead-lettered \+ 0 lost/);
    checkTexts(await snapshot(page));
  });
});

/** Every record up to the committed offset was texted exactly once, and each order's texts are in the order of its life. */
function checkTexts({ effects, groups }) {
  const texts = effects.notifications;
  const places = texts.map(({ topic, partition, offset }) => `${topic}-${partition}@${offset}`);
  assert.equal(new Set(places).size, places.length, 'no text was sent twice');
  const seen = new Set(places);
  for (const { topic, partition, committed_offset: end } of groups.find(({ name }) => name === 'notifications').partitions) {
    for (let offset = 0; offset < end; offset += 1) assert.ok(seen.has(`${topic}-${partition}@${offset}`), `lost: ${partition}@${offset}`);
  }
  const reached = new Map();
  for (const { text } of texts) {
    const order = text.match(/order-\d+/)[0];
    const stage = STAGES.findIndex((words) => text.includes(words));
    assert.ok(stage >= 0, `an unknown text: ${text}`);
    assert.ok(stage > (reached.get(order) ?? -1), `${order}: "${text}" came out of order`);
    reached.set(order, stage);
  }
}

test('a crash in the middle of a batch shows as texts that were sent again', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.evaluate(() => window.catchup.load('delivery', 7)); // a known run, in which the crash is in a batch
    await serviceSwitch(page, 'notifications').click();
    await advance(page, 60_000);
    await serviceSwitch(page, 'notifications').click();
    await advance(page, 1_500);
    await serviceSwitch(page, 'notifications').click();
    await advance(page, 10_000);
    await serviceSwitch(page, 'notifications').click();
    await advance(page, 40_000);
    await page.getByRole('button', { name: /processed twice/ }).first().waitFor();
    const places = (await snapshot(page)).effects.notifications.map(({ partition, offset }) => `${partition}@${offset}`);
    assert.ok(new Set(places).size < places.length, 'some records were processed twice');
    assert.match(await page.locator('.accounts').innerText(), /notifications: .* 0 lost/);
  });
});

test('all of it works by keyboard alone', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    const focusOn = async (locator) => {
      for (let presses = 0; presses < 80; presses += 1) {
        if (await locator.evaluate((it) => it === document.activeElement)) return;
        await page.keyboard.press('Tab');
      }
      assert.fail('the control cannot be reached with the Tab key');
    };
    await focusOn(serviceSwitch(page, 'orders'));
    await page.keyboard.press('Space');
    await says(page, 'orders is offline');
    await page.keyboard.press('Space');
    await focusOn(page.getByRole('button', { name: 'Pause' }));
    await page.keyboard.press('Enter');
    assert.equal((await snapshot(page)).playing, false);
    await focusOn(page.getByRole('button', { name: 'Step' }));
    const { time_ms: before } = await snapshot(page);
    const usBefore = await page.evaluate(() => window.catchup.time_us());
    await page.keyboard.press('Enter');
    await until(page, 'a step was made', (us) => window.catchup.time_us() > us, usBefore);
    assert.ok((await snapshot(page)).time_ms >= before);
    assert.notEqual(await page.locator('.time-note').innerText(), '');

    await page.locator('.cells').first().locator('.cell[tabindex="0"]').focus();
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('ArrowLeft'); // what is newer may not be processed yet
    await page.keyboard.press('Enter');
    const inspector = page.getByRole('complementary');
    await inspector.waitFor();
    await until(page, 'the inspector has the focus', () => document.activeElement?.id === 'inspector-heading');
    for (const words of ['Key', 'Timestamp', 'Headers', 'Value', 'source: orders', 'logistics', 'notifications', 'processed at']) {
      assert.ok((await inspector.innerText()).includes(words), `the inspector tells ${words}`);
    }
    await page.keyboard.press('Escape');
    await inspector.waitFor({ state: 'detached' });
    await until(page, 'the focus is back on the record', () => document.activeElement?.classList.contains('cell'));

    const offset = await page.evaluate(() => document.activeElement.dataset.offset);
    await page.keyboard.press('Enter');
    await inspector.waitFor();
    await page.evaluate(() => catchup.advance(60_000));
    await until(page, 'the record has left the picture', (it) => !document.querySelector('.cells').querySelector(`[data-offset="${it}"]`), offset);
    await page.keyboard.press('Escape');
    await until(page, 'it is shown again, and has the focus', (it) => document.activeElement?.dataset.offset === it, offset);
  });
});

test('the keyboard keeps its place when the record that has the focus leaves the picture', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    await page.getByRole('button', { name: 'Pause' }).click();
    const lane = page.locator('.cells').first();
    await page.evaluate(() => window.catchup.load('delivery', 7));
    await advance(page, 82_000);
    await page.evaluate(() => catchup.seek(20_000)); // a lane that the keyboard is in is held, but not from one instant to another
    await lane.locator('.cell:not(.next)').last().focus();
    const offset = await page.evaluate(() => document.activeElement.dataset.offset);
    await page.evaluate(() => catchup.seek(22_000)); // it moves to the left
    assert.equal(await page.evaluate(() => document.activeElement.dataset.offset), offset);
    await page.evaluate(() => catchup.seek(82_000));
    await until(page, 'the lane has the focus', () => document.activeElement === document.querySelector('.cells'));
    await page.keyboard.press('ArrowLeft');
    await until(page, 'the newest record has the focus', () => document.activeElement?.getAttribute('tabindex') === '0' && document.activeElement.classList.contains('cell'));
    const before = await page.evaluate(() => Number(document.activeElement.dataset.offset));
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.evaluate(() => Number(document.activeElement.dataset.offset)), before - 1);
  });
});

test('a list shows what the model holds, whatever was chosen before', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    const phone = page.locator('.whose select').first();
    const [first, second, third] = await phone.locator('option').allInnerTexts();
    for (const name of [second, third, first]) {
      await phone.selectOption(name);
      await until(page, 'the phone is that of who was chosen', (wanted) => document.querySelector('.phone').getAttribute('aria-label') === `Phone of ${wanted}`, name);
      assert.equal(await phone.inputValue(), name);
    }
    await page.getByLabel('Colours').selectOption('dark');
    await until(page, 'the page is dark', () => document.documentElement.dataset.theme === 'dark');
    const colours = await page.getByLabel('Colours').elementHandle();
    await until(page, 'the list says so', (list) => list.value === 'dark', colours);
  });
});

test('what is typed stays while the page moves, and is published', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    await page.getByText('Publish a record by hand').click();
    const key = page.getByRole('textbox', { name: /^Key/ });
    await key.fill('');
    await key.pressSequentially('order-by-hand', { delay: 40 });
    assert.equal(await key.inputValue(), 'order-by-hand');
    await page.getByRole('textbox', { name: /^Value/ }).fill('{"status":"placed"}');
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.locator('.cell[title*="order-by-hand, placed"]').first().waitFor();
    await page.getByRole('button', { name: /^partition \d of order-status, offset \d+$/ }).click();
    await page.getByRole('complementary').getByText('order-by-hand').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('summary', { hasText: 'Start over' }).click();
    const seed = page.getByRole('spinbutton', { name: 'Seed' });
    await seed.fill('');
    await seed.pressSequentially('123456', { delay: 40 });
    await seed.press('Enter');
    await until(page, 'the run has the new seed', () => window.catchup.snapshot().seed === 123456);
    await seed.fill('-3');
    await seed.press('Enter');
    await page.getByText(/A seed is a whole number/).waitFor();
    assert.equal((await snapshot(page)).seed, 123456);
  });
});

test('a mouse click on a record opens it, although the lanes move on', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    await page.evaluate(() => window.catchup.apply({ type: 'set_arrival_rate', service: 'orders', arrivals_per_min: 600 }));
    await advance(page, 60_000);
    await page.getByRole('button', { name: 'Pause' }).click();
    const cell = await page.locator('.cells').first().locator('.cell').nth(4).boundingBox();
    await page.mouse.move(cell.x + cell.width / 2, cell.y + 10);
    await page.mouse.down();
    const { topics } = await snapshot(page);
    await page.evaluate(() => window.catchup.play());
    await until(page, 'the lane has moved on', (end) => window.catchup.snapshot().topics[0].partitions[0].log_end_offset > end + 3, topics[0].partitions[0].log_end_offset);
    await page.mouse.up();
    await page.getByRole('complementary').waitFor();
  });
});

/** The records that the first lane shows, and where. */
const lane = (page) => page.locator('.cells').first();
const shown = (page) => lane(page).locator('[data-offset]').evaluateAll((cells) => cells.map((it) => [it.dataset.offset, it.getBoundingClientRect().left]));

test('a lane that is pointed at stays as it is, says so, and goes on when the pointer leaves', async () => {
  await site.visit({ viewport: DESKTOP, reducedMotion: 'reduce' }, async (page) => {
    const cell = lane(page).locator('[data-offset]').nth(4);
    await cell.hover();
    await lane(page).getByText('held', { exact: true }).waitFor();
    const [before, aimed] = [await shown(page), await cell.getAttribute('data-offset')];
    await advance(page, 60_000);
    await page.waitForFunction(() => /^\+\d\d+held$/.test(document.querySelector('.cell.held')?.textContent));
    assert.deepEqual(await shown(page), before);
    await screenshot(page, 'held-1440-light');
    await page.mouse.down();
    await advance(page, 5_000);
    await page.mouse.up();
    await page.getByRole('heading', { name: new RegExp(`offset ${aimed}$`, 'i') }).waitFor();
    await page.mouse.move(2, 2);
    await lane(page).locator('.held').waitFor({ state: 'detached' });
    assert.ok(Number((await shown(page))[0][0]) > Number(before.at(-1)[0]), 'it shows the newest records again');
  });
});

test('a lane stays as it is while the keyboard is in it, and goes on to what has come since', async () => {
  await site.visit({ viewport: DESKTOP, reducedMotion: 'reduce' }, async (page) => {
    const focused = () => page.evaluate(() => Number(document.activeElement.dataset.offset));
    await page.getByRole('button', { name: 'Partition 0' }).focus();
    await page.keyboard.press('Tab');
    const [before, last] = [await shown(page), await focused()];
    assert.equal(String(last), before.at(-1)[0]);
    await advance(page, 60_000);
    assert.deepEqual([await shown(page), await focused()], [before, last]);
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((next) => document.activeElement.dataset.offset === String(next), last + 1);
    await page.keyboard.press('End');
    await page.waitForFunction((next) => Number(document.activeElement.dataset.offset) > next, last + 1);
    const end = (await snapshot(page)).topics[0].partitions[0].log_end_offset;
    assert.ok(end - (await focused()) < 20, 'it is one of the newest');
    await page.keyboard.press('Shift+Tab');
    await lane(page).locator('.held').waitFor({ state: 'detached' });
  });
});

test('a wrong file is refused with the place, and another scenario can be opened', async () => {
  await site.visit({ viewport: DESKTOP }, async (page) => {
    await page.evaluate(() => window.catchup.pause());
    const before = await snapshot(page);
    const file = await page.evaluate(async () => (await fetch('scenarios/delivery.json')).json());
    const open = (scenario) =>
      page.locator('input[type=file]').setInputFiles({ name: 's.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(scenario)) });
    const wrong = structuredClone(file);
    wrong.services[1].consumes.topics[0] = 'order-statsu';
    await open(wrong);
    await page.getByRole('alert').getByText('services[1].consumes.topics[0]').waitFor();
    assert.deepEqual(await snapshot(page), before);
    const other = structuredClone(file);
    Object.assign(other, { name: 'parcels', title: 'Parcels' });
    other.topics[0] = { name: 'parcel-status', partitions: 2 };
    other.services[0].name = 'depot';
    other.services[0].publishes.topic = 'parcel-status';
    for (const service of [...other.services.slice(1), ...other.optional_services]) service.consumes.topics = ['parcel-status'];
    await open(other);
    await serviceSwitch(page, 'depot').waitFor();
    assert.equal((await snapshot(page)).scenario, 'parcels');
    await page.getByText('Publish a record by hand').click();
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText('1 sent').waitFor();
    assert.equal(await page.locator('.notice').count(), 0);
  });
});

test('with reduced motion nothing flies', async () => {
  await site.visit({ viewport: DESKTOP, reducedMotion: 'reduce' }, async (page) => {
    const picture = () => page.locator('.sky').evaluateAll((canvases) => canvases.map((canvas) => canvas.toDataURL()).join());
    await until(page, 'the wires are drawn', () => document.querySelector('.sky.wires').getContext('2d').getImageData(0, 0, 1440, 500).data.some((it) => it > 0));
    const first = await picture();
    const { topics } = await snapshot(page);
    await until(page, 'five records were published', (end) => window.catchup.snapshot().topics[0].partitions[0].log_end_offset > end + 4, topics[0].partitions[0].log_end_offset);
    assert.equal(await picture(), first);
  });
});

const STATES = {
  running: async () => {},
  offline: async (page) => {
    await serviceSwitch(page, 'notifications').click();
    await advance(page, 20_000);
    await says(page, 'notifications is offline');
  },
  'catching-up': async (page) => {
    await serviceSwitch(page, 'notifications').click();
    await advance(page, 40_000);
    await serviceSwitch(page, 'notifications').click();
    await advance(page, 1_200);
    await says(page, 'catches up');
  },
  everything: async (page) => {
    for (const summary of await page.locator('summary').all()) await summary.press('Enter');
    await page.getByRole('table', { name: 'Partitions of order-status' }).waitFor();
    await page.locator('.cell[tabindex="0"]').first().press('Enter');
    await page.getByRole('complementary').waitFor();
  },
};

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    test(`every state is accessible and fits: ${colorScheme}, ${size}`, async () => {
      for (const [state, arrange] of Object.entries(STATES)) {
        await site.visit({ viewport, colorScheme, reducedMotion: 'reduce' }, async (page) => {
          await page.evaluate(() => window.catchup.pause());
          await arrange(page);
          await screenshot(page, `${state}-${size}-${colorScheme}`);
          await checkAccessible(page);
          await checkFits(page);
        });
      }
    });
  }
}

for (const width of [360, 1024, 1366, 2560]) {
  test(`the page fits into ${width} pixels`, async () => {
    await site.visit({ viewport: { width, height: 900 } }, checkFits);
  });
}

for (const [size, viewport, colorScheme] of [['1440-light', DESKTOP, 'light'], ['390-dark', PHONE, 'dark']]) {
  test(`the lanes follow a service while it catches up: ${size}`, () =>
    site.visit({ viewport, colorScheme, reducedMotion: 'reduce' }, async (page) => {
      await page.evaluate(() => {
        catchup.pause();
        catchup.load('delivery', 42);
        catchup.advance(20_000);
        catchup.apply({ type: 'set_service_online', service: 'notifications', online: false });
        catchup.advance(60_000);
        catchup.apply({ type: 'set_service_online', service: 'notifications', online: true });
      });
      const lane = page.getByRole('group', { name: /records of partition 0;/ });
      const offsets = () => lane.locator('[data-offset]').evaluateAll((cells) => cells.map((it) => Number(it.dataset.offset)));
      const committed = async () =>
        (await snapshot(page)).groups.find((it) => it.name === 'notifications').partitions.find((it) => it.partition === 0).committed_offset;
      const newest = (await offsets()).at(-1);
      assert.ok(!(await offsets()).includes(await committed()), 'its place has left the picture');
      await page.getByRole('button', { name: /^notifications has committed up to \d+ of partition 0: follow it$/ }).press('Enter');
      await page.getByRole('group', { name: /^Older records of partition 0;/ }).waitFor();
      assert.ok((await offsets()).includes(await committed()) && !(await offsets()).includes(newest), 'now it is shown');
      await checkAccessible(page);
      await checkFits(page);
      await screenshot(page, `following-${size}`);
      await page.getByRole('button', { name: /^Back to the newest records, next \d+$/ }).first().click();
      await page.getByRole('group', { name: /^Newest records of partition 0;/ }).waitFor();
      await page.getByRole('button', { name: /^notifications has committed up to .* of partition 0: follow it$/ }).click();
      await page.getByRole('group', { name: /^Older records of partition 0;/ }).waitFor();
      await page.evaluate(() => {
        const isBusy = () => catchup.snapshot().services.find((it) => it.name === 'notifications').lag > 4;
        for (let ms = 0; isBusy() && ms < 240_000; ms += 100) catchup.advance(100);
      });
      await page.getByRole('group', { name: /^Newest records of partition 0;/ }).waitFor();
    }));
}
