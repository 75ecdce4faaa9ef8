import { Inject, Injectable } from '@nestjs/common';
import type { Publisher } from '../broker/broker.js';
import type { StoredWait, TaskStore, WaitReason } from '../store/task-store.js';
import { BROKER, TASK_STORE } from '../tasks.module-definition.js';

/**
 * Why a task waits: for a time or a reason of its own, for the broker, for a worker, or for its turn.
 *
 * - `broker_away`: its message could not be published yet. `no_worker`: no worker is alive.
 * - `in_line`: `before` tasks were sent before it and wait too, null when nobody knows; `more`: there may be others.
 */
export type TaskWait =
  | { reason: WaitReason; dueAt: Date }
  | { reason: 'broker_away' | 'no_worker' }
  | { reason: 'in_line'; before: number | null; more: boolean };

/** Says why tasks have not started. */
@Injectable()
export class TaskWaits {
  constructor(
    @Inject(BROKER) private readonly broker: Publisher,
    @Inject(TASK_STORE) private readonly store: TaskStore,
  ) {}

  /** @returns one entry for each of the tasks that waits, by its id; one query however many they are */
  async find(taskIds: readonly string[]): Promise<Map<string, TaskWait>> {
    if (taskIds.length === 0) return new Map();
    const waits = await this.store.outbox.waits(taskIds);
    return new Map(waits.map((wait) => [wait.taskId, reasonOf(wait, this.broker.ready)]));
  }
}

/** What stands in its way first comes first. */
export function reasonOf(wait: Omit<StoredWait, 'taskId'>, isBrokerReady: boolean): TaskWait {
  const { waitReason, dueAt, before, isMore } = wait;
  if (waitReason !== null && dueAt !== null && wait.isEarly) return { reason: waitReason, dueAt };
  if (wait.isUnpublished && !isBrokerReady) return { reason: 'broker_away' };
  if (!wait.hasWorker) return { reason: 'no_worker' };
  return { reason: 'in_line', before, more: isMore };
}
