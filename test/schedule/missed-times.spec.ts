import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BeatTeam } from '../fixtures/beat-team.js';

const DAY_MS = 86_400_000;
const DAYS_MISSED = 150;
const MOST_MADE_UP_FOR = 100;

/** All beats were down for months, and two of them start at the same moment. */
describe('times that were missed', () => {
  let team: BeatTeam;
  /** Entries are due each day, and it is noon between two times. */
  let from: Date;

  beforeAll(async () => {
    team = await BeatTeam.start();
    from = new Date(Number(await team.now()) - DAY_MS / 2 - 2 * DAYS_MISSED * DAY_MS);
    for (const missed of ['skip', 'last', 'all'] as const) {
      await team.add(missed, { missed, schedule: { type: 'interval', every: 1, period: 'days', from } });
    }
    await team.query(`UPDATE schedule_entry SET next_run_at = next_run_at - $1 * interval '24 hours'`, DAYS_MISSED);
    await team.startBeats(2);
    await team.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM schedule_entry WHERE next_run_at <= now())');
  });

  afterAll(() => team.stop());

  it.each([
    ['skip', 0],
    ['last', 1],
    ['all', MOST_MADE_UP_FOR],
  ])('with "%s" %i are made up for: the last ones, once each', async (missed, count) => {
    const days = (await team.ticks(missed)).map(({ due_at: dueAt }) => (Number(dueAt) - Number(from)) / DAY_MS);
    const last = 2 * DAYS_MISSED;
    expect(days).toEqual(Array.from({ length: count }, (_, index) => last - count + 1 + index));
    const { nextRunAt, totalRuns } = await team.book.get(missed);
    expect(nextRunAt).toEqual(new Date(Number(from) + (last + 1) * DAY_MS));
    expect(totalRuns).toBe(count);
    expect(
      await team.query('SELECT FROM task WHERE id IN (SELECT task_id FROM schedule_tick WHERE entry = $1)', missed),
    ).toHaveLength(count);
  });
});
