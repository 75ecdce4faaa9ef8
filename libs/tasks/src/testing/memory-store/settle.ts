import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { Settlement, TaskState, WorkerIdentity } from '../../store/task-store.js';
import { asJson, stored, type MemoryRows } from './memory-rows.js';

/** Writes the outcome of a run that is still held, and what follows from it. */
export function endRun(rows: MemoryRows, task: TaskEntity, settlement: Settlement, worker: WorkerIdentity): void {
  const { state, retries, next } = settlement;
  const nowMs = rows.now();
  const dueAt = new Date(nowMs + (next?.dueInMs ?? 0));
  noteOutcome(rows, task, settlement, worker, new Date(nowMs));
  Object.assign(task, { retries, result: asJson(settlement.result), workerId: null });
  if (state === 'RETRY' || state === 'SNOOZE') {
    task.generation += 1;
    task.state = state === 'RETRY' ? state : stateBeforeRun(task);
    task.waitReason = state === 'RETRY' ? 'scheduled' : 'snoozed';
    task.dueAt = dueAt;
    if (next !== null) {
      task.envelope = stored(next.message).envelope;
      rows.addOutbox(next.message, task, dueAt);
    }
  } else {
    Object.assign(task, { state, waitReason: null, dueAt: null, finishedAt: new Date(nowMs) });
    if (next !== null) rows.addOutbox(next.message, null, dueAt);
  }
}

/** What a task is again whose run is undone. */
export function stateBeforeRun({ retries }: Pick<TaskEntity, 'retries'>): TaskState {
  return retries > 0 ? 'RETRY' : 'PENDING';
}

/** A snoozed run is as if it had not been: it has an attempt only if that was noted before. */
function noteOutcome(
  rows: MemoryRows,
  task: TaskEntity,
  { state, error }: Settlement,
  worker: WorkerIdentity,
  finishedAt: Date,
): void {
  if (state === 'SNOOZE') return rows.changeAttempt(task.id, task.attempt, { finishedAt, outcome: state });
  task.error = asJson(error);
  rows.noteAttempt(task, worker, { finishedAt, outcome: state, error: task.error });
}
