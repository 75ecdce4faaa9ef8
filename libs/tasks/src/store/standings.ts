import type { TaskState } from '../contract/task-state.js';
import type { TaskError, TaskProgress } from './run-reports.js';
import type { WaitReason } from './task-store.js';

/**
 * Why a message is still in the outbox although the broker is there.
 *
 * - `unroutable`: the broker gave it back, since no queue takes it.
 * - `unpublishable`: it cannot be put on the wire at all.
 */
export type OutboxTrouble = 'unroutable' | 'unpublishable';

/** A message that is due for longer is published by nobody: a relay that runs needs much less. */
export const OVERDUE_AFTER_MS = 5000;

/** How a task stands, as far as the store knows: what tells why it has not started, or what it is doing. */
export interface StoredStanding {
  taskId: string;
  taskName: string;
  state: TaskState;
  /** When this was so, by the store's clock. */
  at: Date;
  queue: string;
  exchange: string;
  routingKey: string;
  /** It is run by workers that are not ours. */
  isElsewhere: boolean;
  waitReason: WaitReason | null;
  /** When it may run; null when it does not wait for a time. */
  dueAt: Date | null;
  /** Its time has not come. */
  isEarly: boolean;
  retries: number;
  deaths: number;
  attempt: number;
  error: TaskError | null;
  isDeadLettered: boolean;
  progress: TaskProgress | null;
  /** Header `timelimit` of a task that is being run, as its sender wrote it. */
  timeLimits: unknown;
  expiresAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** When its message is published next; null when that is not in the outbox. */
  messageDueAt: Date | null;
  /** It has been due for more than {@link OVERDUE_AFTER_MS}. */
  isMessageOverdue: boolean;
  messageTrouble: OutboxTrouble | null;
  /** Node name of the worker that holds the claim; null when there is none, or nobody knows it any more. */
  workerName: string | null;
  leaseUntil: Date | null;
  isLeaseAlive: boolean;
  /** When it was revoked, if it has not ended by that; null when it was not. */
  revokeRequestedAt: Date | null;
  isToBeTerminated: boolean | null;
  /** How many of the tasks sent before it wait in its queue; null when nobody knows. */
  before: number | null;
  /** There may be more of them: not all were looked at. */
  isMore: boolean;
}

/** A worker whose lease lives. */
export interface LivingWorker {
  /** Node name, `name@host`. */
  name: string;
  /** The queues that it consumes. */
  queues: string[];
  /** How many tasks it runs at a time. */
  concurrency: number;
}

/** How tasks stand, and who there is to run them. */
export interface Standings {
  /** Those that nobody knows are left out. */
  tasks: StoredStanding[];
  /** By name; all of them, whatever the tasks. Nobody looks for them when there is no task. */
  workers: LivingWorker[];
}
