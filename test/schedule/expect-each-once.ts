import { expect } from '@jest/globals';
import type { BeatTeam } from '../fixtures/beat-team.js';

/** What has become of an entry that is due each second; all numbers are to be the same. */
interface Account {
  /** So many times it was due, from when it was added until it is due next. */
  due: number;
  /** So many of them were written down. */
  ticks: number;
  /** So many tasks of its there are. */
  tasks: number;
  total_runs: number;
}

/** In one statement, so that beats may go on meanwhile. */
const ACCOUNTS = `
  SELECT total_runs, count(tick)::integer AS ticks, count(DISTINCT task.id)::integer AS tasks,
    extract(epoch FROM next_run_at - date_trunc('second', entry.created_at))::integer - 1 AS due
  FROM schedule_entry entry
  LEFT JOIN schedule_tick tick
    ON tick.entry = entry.name AND tick.due_at >= entry.created_at AND tick.due_at < entry.next_run_at
  LEFT JOIN task ON task.id = tick.task_id
  GROUP BY entry.name`;

/** For each second since it was added each entry has sent one task, none is missing, and nobody sent another one. */
export async function expectEachOnce(team: BeatTeam): Promise<void> {
  const accounts = await team.query<Account>(ACCOUNTS);
  expect(accounts).not.toEqual([]);
  expect(accounts).toEqual(
    accounts.map(({ due }) => ({ due: expect.any(Number), ticks: due, tasks: due, total_runs: due })),
  );
  expect(Math.min(...accounts.map(({ due }) => due))).toBeGreaterThan(0);
  const strays = `SELECT task.id, tick.entry, tick.due_at FROM task FULL JOIN schedule_tick tick ON tick.task_id = task.id
    WHERE task.id IS NULL OR tick.entry IS NULL`;
  expect(await team.query(strays)).toEqual([]);
}

/** RabbitMQ is away: the outbox has one message for each task. */
export async function expectOneMessageEach(team: BeatTeam): Promise<void> {
  const others = `SELECT task.id, count(outbox) FROM task FULL JOIN outbox ON outbox.task_id = task.id
    GROUP BY task.id HAVING count(outbox) <> 1 OR task.id IS NULL`;
  expect(await team.query(others)).toEqual([]);
}
