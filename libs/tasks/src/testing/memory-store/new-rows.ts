import type { OutboxEntity } from '../../store/entities/outbox.entity.js';
import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { ClaimRequest, NewTask } from '../../store/task-store.js';
import { stored } from './memory-rows.js';

/** The rows of a task that was just sent. */
export function newRows(task: NewTask, nowMs: number): { row: TaskEntity; outboxRow: OutboxEntity } {
  const { id, outboxId, name, queue, isElsewhere, leaseMs, retentionSeconds } = task;
  const message = stored(task.message);
  const scheduledAt = task.eta ?? inMs(nowMs, task.countdownMs);
  const row: TaskEntity = {
    ...blankTask(nowMs),
    ...message,
    id,
    name,
    queue,
    isElsewhere,
    dueAt: scheduledAt,
    waitReason: scheduledAt === null ? null : 'scheduled',
    expiresAt: task.expiresAt ?? inMs(nowMs, task.expiresInMs),
    retentionSeconds,
    forgetAfter: forgetAfter(scheduledAt?.getTime() ?? nowMs, retentionSeconds),
  };
  const dueAt = scheduledAt ?? new Date(nowMs + leaseMs);
  return {
    row,
    outboxRow: { ...message, id: outboxId, taskId: id, generation: 0, mandatory: true, trouble: null, dueAt },
  };
}

/** The row of a task of which the first thing that is heard is a foreign message. */
export function foreignRow(
  id: string,
  retries: number,
  { name, queue, message, expiresAt, retentionSeconds }: NonNullable<ClaimRequest['foreign']>,
  nowMs: number,
): TaskEntity {
  const times = { expiresAt, retentionSeconds, forgetAfter: forgetAfter(nowMs, retentionSeconds) };
  return { ...blankTask(nowMs), ...stored(message), id, name, queue, ...times, retries };
}

function forgetAfter(fromMs: number, retentionSeconds: number | null): Date | null {
  return inMs(fromMs, retentionSeconds === null ? null : retentionSeconds * 1000);
}

function inMs(nowMs: number, delayMs: number | null): Date | null {
  return delayMs === null ? null : new Date(nowMs + delayMs);
}

/** The columns' defaults. */
function blankTask(nowMs: number) {
  return {
    state: 'PENDING' as const,
    waitReason: null,
    dueAt: null,
    retries: 0,
    generation: 0,
    deaths: 0,
    attempt: 0,
    workerId: null,
    isElsewhere: false,
    result: null,
    error: null,
    isDeadLettered: false,
    progress: null,
    retentionSeconds: null,
    forgetAfter: null,
    createdAt: new Date(nowMs),
    sentBackAt: null,
    startedAt: null,
    finishedAt: null,
  };
}
