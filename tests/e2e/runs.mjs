// What the tests of sent and kept runs do with them.
import assert from 'node:assert/strict';
import { outage, ready } from './harness.mjs';

/** Everything that a script sees of the run at the instant that is looked at. */
export const seen = (page) =>
  page.evaluate(() => ({ ...catchup.snapshot(), playing: undefined, hash: catchup.trace_hash(), us: catchup.time_us(), branches: catchup.branches() }));
export const withoutBranches = (run) => ({ ...run, branches: [] });
export const link = (page) => page.evaluate(() => catchup.link());
export const button = (page, name) => page.getByRole('button', { name, exact: true });

/** An outage in a run of a minute, looked at in its middle, and a road that was left. */
export const outageAndRoad = async (page) => {
  await outage(page, { away: 10_000.25, leavesRoad: true });
  await page.evaluate(() => catchup.seek(25_000));
};

/** Another page in the same browser, which may not fail either. */
export async function another(page, url, test) {
  const other = await page.context().newPage();
  const problems = [];
  other.on('pageerror', (error) => problems.push(String(error)));
  await other.goto(url);
  await ready(other);
  await test(other);
  assert.deepEqual(problems, []);
  await other.close();
}

/** How many runs are kept in the browser. */
export const keptRuns = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('catchup.run.')).length);
/** Waits until the run as it is now is kept. */
export const isKept = (page) =>
  page.waitForFunction(() => {
    const us = `"at_us": ${catchup.time_us()},`;
    return Object.values(localStorage).some((kept) => kept.includes(us));
  });
