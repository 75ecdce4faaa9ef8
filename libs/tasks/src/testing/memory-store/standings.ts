import type { TaskEntity } from '../../store/entities/task.entity.js';
import { OVERDUE_AFTER_MS, type Standings, type StoredStanding } from '../../store/standings.js';
import { isWaiting, type MemoryRows } from './memory-rows.js';

/** How tasks stand. */
export function standingsOf(rows: MemoryRows, taskIds: readonly string[]): Standings {
  const nowMs = rows.now();
  const known = [...new Set(taskIds)].flatMap((id) => rows.tasks.get(id) ?? []);
  const tasks = known.map((task) => standingOf(rows, task, nowMs));
  const living = [...rows.workers.values()].filter(({ leaseUntil }) => leaseUntil.getTime() > nowMs);
  const workers = living.map(({ name, queues, concurrency }) => ({ name, queues, concurrency }));
  return { tasks, workers: tasks.length === 0 ? [] : workers.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

function standingOf(rows: MemoryRows, task: TaskEntity, nowMs: number): StoredStanding {
  const { id: taskId, name: taskName, state, queue, exchange, routingKey, isElsewhere, waitReason, dueAt } = task;
  const { retries, deaths, attempt, error, isDeadLettered, progress, expiresAt, startedAt, finishedAt } = task;
  const call = { taskId, taskName, state, queue, exchange, routingKey, isElsewhere, waitReason, dueAt, expiresAt };
  const runs = { retries, deaths, attempt, error, isDeadLettered, progress, startedAt, finishedAt };
  const message = rows.outboxOf(taskId).find(({ generation }) => generation === task.generation);
  const worker = rows.workers.get(task.workerId ?? '');
  const revoke = rows.revokes.get(taskId);
  const isEarly = dueAt !== null && dueAt.getTime() > nowMs;
  return {
    ...call,
    ...runs,
    at: new Date(nowMs),
    isEarly,
    timeLimits: state === 'STARTED' ? (task.envelope.headers['timelimit'] ?? null) : null,
    messageDueAt: message?.dueAt ?? null,
    isMessageOverdue: message !== undefined && message.dueAt.getTime() < nowMs - OVERDUE_AFTER_MS,
    messageTrouble: message?.trouble ?? null,
    workerName: worker?.name ?? null,
    leaseUntil: worker?.leaseUntil ?? null,
    isLeaseAlive: rows.leaseRemainingMs(task.workerId, nowMs) > 0,
    revokeRequestedAt: revoke?.createdAt ?? null,
    isToBeTerminated: revoke?.terminate ?? null,
    before: task.generation > 0 ? null : isWaiting(task) && !isEarly ? countBefore(rows, task) : 0,
    isMore: false,
  };
}

function countBefore(rows: MemoryRows, task: TaskEntity): number {
  const tasks = [...rows.tasks.values()];
  return tasks
    .slice(0, tasks.indexOf(task))
    .filter(({ state, queue, waitReason }) => state === 'PENDING' && queue === task.queue && waitReason === null)
    .length;
}
