import type { EntityManager, QueryRunner } from 'typeorm';
import type { FollowUps, NewTask, SettlementRows, SettlementWriter } from '../task-store.js';
import { ENQUEUE, enqueueValues } from './enqueue.js';
import { runNamed } from './hot-connection.js';
import { ADD_LETTERS, letterValues } from './outbox.js';

/**
 * Writes what follows from the ends of tasks, in the transaction that ends them: two statements at most, and what the
 * app itself writes. Of several tasks with the same id the first counts, as it would if they came one after the other.
 */
export async function writeFollowUps(runner: QueryRunner, followUps: ReadonlyArray<FollowUps | null>): Promise<void> {
  const tasks = new Map<string, NewTask>();
  for (const task of followUps.flatMap((each) => each?.tasks ?? [])) if (!tasks.has(task.id)) tasks.set(task.id, task);
  const letters = followUps.flatMap((each) => each?.letters ?? []);
  if (tasks.size > 0) await runNamed(runner, ENQUEUE, enqueueValues([...tasks.values()]));
  if (letters.length > 0) await runNamed(runner, ADD_LETTERS, letterValues(letters));
  await writeRows(
    runner.manager,
    followUps.map((each) => each?.rows ?? null),
  );
}

/** Has the app write its own rows: each writer once, with all that is for it. */
export async function writeRows(manager: EntityManager, rows: ReadonlyArray<SettlementRows | null>): Promise<void> {
  const byWriter = new Map<SettlementWriter, unknown[]>();
  for (const row of rows) {
    if (row !== null) byWriter.set(row.writer, [...(byWriter.get(row.writer) ?? []), row.data]);
  }
  for (const [writer, items] of byWriter) await writer.write(manager, items);
}
