import type { ForeignResult, StoredAttempt, StoredResult } from '../../store/result-store.js';
import { asJson, isUnfinished, type MemoryRows } from './memory-rows.js';

export function resultsOf(rows: MemoryRows, taskIds: readonly string[]): StoredResult[] {
  return taskIds.flatMap((taskId) => {
    const task = rows.tasks.get(taskId);
    if (task === undefined) return [];
    const { state, result, error, progress } = task;
    return [{ taskId, state, result, error, progress }];
  });
}

export function attemptsOf(rows: MemoryRows, taskId: string): StoredAttempt[] {
  return rows.attemptsOf(taskId).map(({ number, workerName: worker, startedAt, finishedAt, outcome, error, log }) => {
    return { number, worker, startedAt, finishedAt, outcome, error, log };
  });
}

/** Empties what an ended task holds of its caller's and its handler's. @returns false when it has not ended */
export function emptyTask(rows: MemoryRows, taskId: string): boolean {
  const task = rows.tasks.get(taskId);
  if (task === undefined || isUnfinished(task)) return false;
  const envelope = { properties: {}, headers: {} };
  Object.assign(task, { envelope, body: Buffer.alloc(0), result: null, error: null, progress: null });
  for (const attempt of rows.attemptsOf(taskId)) Object.assign(attempt, { error: null, log: null });
  return true;
}

/** Writes down what a worker that is not ours says of a task that was sent to it. */
export function settleForeign(rows: MemoryRows, { taskId, state, result, error, progress }: ForeignResult): void {
  const task = rows.tasks.get(taskId);
  if (task === undefined || !task.isElsewhere || task.attempt > 0 || !isUnfinished(task)) return;
  const now = new Date(rows.now());
  const startedAt = state === 'STARTED' && task.state !== 'STARTED' ? now : task.startedAt;
  const finishedAt = isUnfinished({ state }) ? null : now;
  const outcome = { result: asJson(result), error: asJson(error), progress: asJson(progress) ?? task.progress };
  Object.assign(task, { ...outcome, state, waitReason: null, dueAt: null, startedAt, finishedAt });
  for (const { id } of rows.outboxOf(taskId)) rows.outbox.delete(id);
}
