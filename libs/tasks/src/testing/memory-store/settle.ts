import type { TaskState } from '../../contract/task-state.js';
import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { Settlement, TaskProgress, WorkerIdentity } from '../../store/task-store.js';
import { asJson, fromJson, stored, type MemoryRows } from './memory-rows.js';

/** Writes the outcome of a run that is still held, and the message that follows from it. */
export function endRun(rows: MemoryRows, task: TaskEntity, settlement: Settlement, worker: WorkerIdentity): void {
  const { state, retries, next } = settlement;
  const nowMs = rows.now();
  const dueAt = new Date(nowMs + (next?.dueInMs ?? 0));
  noteOutcome(rows, task, settlement, worker, new Date(nowMs));
  Object.assign(task, { retries, result: fromJson(settlement.resultJson), workerId: null, isDeadLettered: false });
  task.progress = (fromJson(settlement.progress) as TaskProgress | null) ?? task.progress;
  if (state === 'RETRY' || state === 'SNOOZE') {
    task.generation += 1;
    task.state = state === 'RETRY' ? state : stateBeforeRun(task);
    task.waitReason = state === 'RETRY' ? 'scheduled' : 'snoozed';
    task.dueAt = dueAt;
    if (next !== null) task.envelope = stored(next.message).envelope;
    if (next !== null) rows.addOutbox(next.message, task, dueAt);
  } else {
    task.state = state === 'IGNORED' ? 'SUCCESS' : state;
    Object.assign(task, { waitReason: null, dueAt: null, finishedAt: new Date(nowMs) });
    task.isDeadLettered = next !== null;
    if (next !== null) rows.addOutbox(next.message, null, dueAt);
  }
}

/** What a task is again whose run is undone. */
export function stateBeforeRun({ retries }: Pick<TaskEntity, 'retries'>): TaskState {
  return retries > 0 ? 'RETRY' : 'PENDING';
}

/** A run that was snoozed in silence is as if it had not been: it has an attempt only if that was noted before. */
function noteOutcome(
  rows: MemoryRows,
  task: TaskEntity,
  { state, error, log, isCutOff }: Settlement,
  worker: WorkerIdentity,
  finishedAt: Date,
): void {
  const outcome = isCutOff ? 'WORKER_LOST' : state;
  if (state !== 'SNOOZE') task.error = asJson(error);
  if (state === 'SNOOZE' && log === null) rows.changeAttempt(task.id, task.attempt, { finishedAt, outcome });
  else rows.noteAttempt(task, worker, { finishedAt, outcome, error: asJson(error), log: asJson(log) });
}
