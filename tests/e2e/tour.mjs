// A walk through every state of the page, for tests of what must hold in all of them.

const button = (page, name) => page.getByRole('button', { name, exact: true });

/** Goes everywhere. `look` is called in each state, with its name. */
export async function tour(page, look = async () => {}) {
  const close = () => page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
  await page.evaluate(() => {
    catchup.pause();
    catchup.load('delivery', 42);
    catchup.advance(20_000);
  });
  await page.getByRole('switch', { name: 'notifications' }).click();
  await page.evaluate(() => catchup.advance(20_000));
  await look('outage');
  await page.getByRole('switch', { name: 'notifications' }).click();
  await page.evaluate(() => catchup.advance(40_000));

  await button(page, 'Share').click();
  await page.getByRole('region', { name: 'Send this run' }).waitFor();
  await look('sharing');
  await page.getByRole('region', { name: 'Send this run' }).getByRole('button', { name: 'Close' }).click();
  await Promise.all([page.waitForEvent('download'), button(page, 'Save').click()]);

  await page.locator('[data-offset]').last().click();
  await look('record');
  await close();
  await button(page, 'Partition 0').click();
  await look('partition');
  await close();
  await button(page, 'Look inside notifications').click();
  await look('service');
  await close();
  await page.locator('[data-line]').first().getByRole('button', { name: / processed$/ }).click();
  await look('list');
  await close();
  await page.getByRole('region', { name: 'Promises' }).getByRole('button', { expanded: false }).click();
  for (const summary of await page.locator('.twin summary').all()) await summary.click();
  await look('unfolded');

  const direct = page.getByRole('region', { name: 'The same day with direct calls' });
  await direct.getByRole('button', { name: 'Compare' }).click();
  await direct.getByRole('table').waitFor();
  await look('compared');
  await direct.getByRole('button', { name: 'Close' }).click();
  const search = page.getByRole('region', { name: 'Find an outage that …' });
  await search.getByRole('combobox').selectOption('nothing_twice');
  await search.getByRole('button', { name: 'Start' }).click();
  await search.getByText('Found: ').waitFor({ timeout: 60_000 });
  await look('found');

  await button(page, 'Copy lag over time as a picture').click();
  await page.getByText('The picture is on the clipboard.').waitFor();
  await look('copied');
  await page.locator('.home-line', { hasText: 'The picture' }).getByRole('button', { name: 'Dismiss' }).click();
  await button(page, 'Copy lag over time as a table (CSV)').click();
  await page.locator('.home-line', { hasText: 'The table' }).getByRole('button', { name: 'Dismiss' }).click();
  await button(page, 'Enlarge services and topics').click();
  await look('alone');
  await page.keyboard.press('Escape');
  await page.locator('[data-layout="whole"]').waitFor();
  await button(page, 'Keyboard shortcuts').click();
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await look('shortcuts');
  await page.keyboard.press('Escape');
  await page.emulateMedia({ media: 'print' });
  await page.locator('.report').waitFor();
  await look('printed');
  await page.emulateMedia({ media: null });
  await page.locator('.report').waitFor({ state: 'detached' });

  await page.getByRole('slider', { name: 'Instant of the run' }).fill('30000');
  for (const tool of await page.locator('.tool > summary').all()) {
    await tool.click();
    await look('tool');
    await tool.click();
  }
  await page.getByRole('switch', { name: 'logistics' }).click();
  await button(page, 'Undo').click();
  await page.getByRole('combobox', { name: 'Colours' }).selectOption('dark');
  await look('dark');
  await page.getByRole('combobox', { name: 'Colours' }).selectOption('auto');
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('1000');
  await button(page, 'Play').click();
  await page.waitForFunction(() => catchup.snapshot().time_ms > 100_000);
  await button(page, 'Pause').click();
}
