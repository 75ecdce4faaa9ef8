import type { QueryRunner } from 'typeorm';
import type { FollowUps, NewTask } from '../task-store.js';
import { ENQUEUE, enqueueValues } from './enqueue.js';
import { runNamed } from './hot-connection.js';
import { ADD_LETTERS, letterValues } from './outbox.js';

/**
 * Writes what follows from the ends of tasks, in the transaction that ends them: two statements at most. Of several
 * tasks with the same id the first counts, as it would if they came one after the other.
 */
export async function writeFollowUps(runner: QueryRunner, followUps: ReadonlyArray<FollowUps | null>): Promise<void> {
  const tasks = new Map<string, NewTask>();
  for (const task of followUps.flatMap((each) => each?.tasks ?? [])) if (!tasks.has(task.id)) tasks.set(task.id, task);
  const letters = followUps.flatMap((each) => each?.letters ?? []);
  if (tasks.size > 0) await runNamed(runner, ENQUEUE, enqueueValues([...tasks.values()]));
  if (letters.length > 0) await runNamed(runner, ADD_LETTERS, letterValues(letters));
}
