import { BROADCAST_PREFIX, broadcastQueue } from '../../broker/broadcast-topology.js';
import type { TaskEntity } from '../../store/entities/task.entity.js';
import { workerAway } from '../../store/worker-lost.js';
import { isUnfinished, type MemoryRows } from './memory-rows.js';

/** Whether it is one worker's run of a broadcast: its message goes to that worker's own queue. */
function isBroadcast({ exchange, routingKey }: TaskEntity): boolean {
  return exchange === '' && routingKey.startsWith(BROADCAST_PREFIX);
}

/** The queue that its message is in. */
export function messageQueue(task: TaskEntity): string {
  return isBroadcast(task) ? task.routingKey : task.queue;
}

/** Ends runs of broadcasts whose worker has been away for so long. @returns how many */
export function endAbandoned(rows: MemoryRows, minAwayMs: number): number {
  const nowMs = rows.now();
  const present = [...rows.workers.values()].filter(({ leaseUntil }) => leaseUntil.getTime() > nowMs - minAwayMs);
  const abandoned = [...rows.tasks.values()].filter(
    (task) =>
      isUnfinished(task) &&
      isBroadcast(task) &&
      !present.some(({ name }) => broadcastQueue(task.queue, name) === task.routingKey),
  );
  for (const task of abandoned) end(rows, task, new Date(nowMs));
  return abandoned.length;
}

function end(rows: MemoryRows, task: TaskEntity, now: Date): void {
  const worker = task.routingKey.slice(broadcastQueue(task.queue, '').length);
  if (task.state === 'STARTED') {
    rows.noteAttempt(task, { id: task.workerId ?? '', name: worker }, { finishedAt: now, outcome: 'WORKER_LOST' });
  }
  const error = workerAway(worker);
  Object.assign(task, { state: 'FAILURE', waitReason: null, dueAt: null, finishedAt: now, error });
  for (const { id } of rows.outboxOf(task.id)) rows.outbox.delete(id);
}
