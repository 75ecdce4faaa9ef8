import type { QueryRunner } from 'typeorm';
import type { FollowUps } from '../task-store.js';
import { ENQUEUE, enqueueValues } from './enqueue.js';
import { runNamed } from './hot-connection.js';
import { ADD_LETTERS, letterValues } from './outbox.js';

/** Writes what follows from the ends of tasks, in the transaction that ends them: two statements at most. */
export async function writeFollowUps(runner: QueryRunner, followUps: ReadonlyArray<FollowUps | null>): Promise<void> {
  const tasks = followUps.flatMap((each) => each?.tasks ?? []);
  const letters = followUps.flatMap((each) => each?.letters ?? []);
  if (tasks.length > 0) await runNamed(runner, ENQUEUE, enqueueValues(tasks));
  if (letters.length > 0) await runNamed(runner, ADD_LETTERS, letterValues(letters));
}
