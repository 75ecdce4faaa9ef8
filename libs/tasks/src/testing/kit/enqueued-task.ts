import { decodeTaskMessage } from '../../protocol/index.js';
import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { WaitReason } from '../../store/task-store.js';

/** A task that waits to be run. */
export interface EnqueuedTask {
  id: string;
  name: string;
  /** As it will come over the wire. */
  input: Record<string, unknown>;
  queue: string;
  priority: number;
  /** The caller's own headers. */
  headers: Record<string, unknown>;
  /** Seconds until it may run; 0: at once. */
  countdown: number;
  /** When it may run. */
  eta: Date;
  retries: number;
  waitReason: WaitReason | null;
}

/** @param nowMs - on the kit's clock */
export function enqueuedTask(task: Readonly<TaskEntity>, nowMs: number): EnqueuedTask {
  const { id, name, queue, retries, waitReason } = task;
  const { kwargs: input, priority, userHeaders: headers } = decodeTaskMessage({ ...task.envelope, body: task.body });
  const etaMs = Math.max(nowMs, task.dueAt?.getTime() ?? 0);
  const countdown = (etaMs - nowMs) / 1000;
  return {
    id,
    name,
    input,
    queue,
    priority: priority ?? 0,
    headers,
    countdown,
    eta: new Date(etaMs),
    retries,
    waitReason,
  };
}
