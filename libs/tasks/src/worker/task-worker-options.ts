import type { Broker } from '../broker/broker.js';
import type { TaskRouter } from '../routes/task-router.js';
import type { WorkerStore } from '../store/task-store.js';
import type { Broadcasts } from './broadcasts.js';
import type { DeadLetters } from './dead-letters.js';
import type { FollowUpPlanner } from './follow-ups/follow-up-planner.js';
import type { RegisteredHandler } from './handlers/handler-registry.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { TaskExecutor } from './task-executor.js';
import { TaskWiringError } from './task-errors.js';
import type { ThreadPool } from './threads/thread-pool.js';
import type { WorkerLog } from './worker-log.js';

/** How a worker runs. */
export interface TaskWorkerOptions {
  /** The names of the queues that it consumes. */
  queues: string[];
  /** How many tasks run at a time. */
  concurrency: number;
  /**
   * By queue: how many of its tasks run at a time at most, so that slow ones leave room for the others. They wait in the
   * queue's own prefetch, unclaimed. @defaultValue as many as there are
   */
  slots?: Readonly<Record<string, number>>;
  /**
   * How many messages of a queue are held ready beyond those that run, so that a free slot never waits for the broker.
   * 0 is for tasks that take long: a message that is held here is not delivered to a worker that has nothing to do.
   * (Celery's `worker_prefetch_multiplier`.) Queues with priorities have 0. @defaultValue 50
   */
  prefetchAhead?: number;
  /** How long a stop waits for running tasks before it aborts them and gives them back. */
  shutdownTimeoutMs: number;
  /**
   * A run that takes longer acknowledges its message and goes on without it; to be less than the broker's
   * `consumer_timeout` by a tenth at least. @defaultValue 1200000 (20 minutes)
   */
  ackWithinMs?: number;
}

/** @throws {@link TaskWiringError} when an option makes no sense, such as a setting that was not read as a number */
export function assertWorkerOptions(options: TaskWorkerOptions): void {
  const { queues, concurrency, slots = {}, prefetchAhead = 0, shutdownTimeoutMs } = options;
  if (!(Number.isInteger(concurrency) && concurrency > 0)) {
    throw new TaskWiringError(`The worker's concurrency is ${concurrency}: expected a whole number above 0.`);
  }
  for (const [queue, count] of Object.entries(slots)) {
    if (!queues.includes(queue)) {
      throw new TaskWiringError(`The worker has slots for the queue "${queue}", but consumes ${queues.join(', ')}.`);
    }
    if (!(Number.isInteger(count) && count > 0)) {
      throw new TaskWiringError(`The worker has ${count} slots for "${queue}": expected a whole number above 0.`);
    }
  }
  if (!(Number.isInteger(prefetchAhead) && prefetchAhead >= 0)) {
    throw new TaskWiringError(`The worker's prefetchAhead is ${prefetchAhead}: expected a whole number, or 0.`);
  }
  if (!(shutdownTimeoutMs >= 0)) {
    throw new TaskWiringError(`The worker's shutdownTimeoutMs is ${shutdownTimeoutMs}: expected milliseconds.`);
  }
}

/** What a worker is made of. */
export interface TaskWorkerParts {
  broker: Broker;
  router: TaskRouter;
  store: WorkerStore;
  lease: LeaseKeeper;
  deadLetters: DeadLetters;
  executor: TaskExecutor;
  broadcasts: Broadcasts;
  followUps: FollowUpPlanner;
  threads: ThreadPool;
  /** By task name. */
  handlers: Map<string, RegisteredHandler>;
  /** Called, with the reason, when a queue does not deliver and nothing that this process can do helps. */
  onBroken: (reason: string) => void;
  log: WorkerLog;
}
