import type { TaskState } from '../../contract/task-state.js';
import type { LivingWorker } from '../../store/standings.js';
import type { TaskError, TaskProgress } from '../../store/task-store.js';

/**
 * Why a task has not started, what it is doing, or how it has ended. Plain data: as JSON its dates are ISO 8601.
 * `explanationText` puts it into words.
 */
export type TaskExplanation = ExplainedTask & (WaitingReason | RunningReason | EndedReason);

/** What an explanation says of any task. */
export interface ExplainedTask {
  taskId: string;
  taskName: string;
  state: TaskState;
  /** Its message's; of a run of a broadcast, its worker's own. */
  queue: string;
  /** When all this was so, by Postgres's clock; of which the broker was asked right after. */
  at: Date;
  /** It was revoked while it could not be ended at once: it is when that can be done. */
  revokeRequest: { at: Date; terminate: boolean } | null;
}

/** What stands in the way of a task first. */
export type WaitingReason =
  | WaitsForTime
  | WaitsInOutbox
  | { /** Nothing is known of the queue, and of who consumes it. */ reason: 'broker_away'; isPublished: boolean }
  | { /** The queue is gone, and the message with it. */ reason: 'no_queue' }
  | {
      /** No worker that lives, or nobody at all of those that are not ours, consumes the queue. */
      reason: 'no_consumer';
      /** Ours that live, whatever they consume; one that should consume this very queue has lost the broker. */
      workers: LivingWorker[];
      isElsewhere: boolean;
    }
  | {
      /** Its turn has not come: its workers are busy, or are just about to take it. */
      reason: 'in_line';
      /** How many of the tasks sent before it wait in its queue too; null: it was in the queue before, so nobody knows. */
      before: number | null;
      /** There may be more before it: not all were looked at. */
      isMore: boolean;
      /** Messages in the queue that no worker has got yet. */
      messages: number;
      /** Node names of those who consume its queue. */
      workers: string[];
      /** How many tasks these run at a time, all together. */
      slots: number;
    }
  | {
      /** It was handed over to workers that are not ours, which may be running it. */
      reason: 'elsewhere';
      exchange: string;
      routingKey: string;
      /** Of its queue: messages that nobody has got yet, and who consumes it; null when its queue is not known. */
      messages: number | null;
      consumers: number | null;
    };

/** It waits for a time. */
export type WaitsForTime =
  | { /** It was sent for later. */ reason: 'scheduled'; dueAt: Date }
  | {
      reason: 'retry';
      dueAt: Date;
      /** 1 for the first. */
      retry: number;
      /** Null when nobody knows, or there is no end. */
      maxRetries: number | null;
      error: TaskError | null;
    }
  | { /** It has a slot of its task's rate limit. */ reason: 'rate_limited'; dueAt: Date }
  | { /** Its handler has put it off. */ reason: 'snoozed'; dueAt: Date }
  | {
      /** The worker that got it has no handler for it; it is offered again, at once to one that starts and has. */
      reason: 'no_handler';
      dueAt: Date;
      /** Node names of those who consume its queue. */
      workers: string[];
    }
  | {
      /** Workers died while running it, so it has to start alone, and the worker that got it was not free for that. */
      reason: 'suspect';
      dueAt: Date;
      deaths: number;
    };

/** Its message has not left Postgres. */
export type WaitsInOutbox =
  | {
      /** The broker has no queue for it. */ reason: 'unroutable';
      exchange: string;
      routingKey: string;
      nextTryAt: Date;
      /** Nobody has tried it then: no app publishes. */
      isOverdue: boolean;
    }
  | {
      /** It cannot be put on the wire: the log of who publishes says why. */
      reason: 'unpublishable';
      nextTryAt: Date;
      /** Nobody has tried it then: no app publishes. */
      isOverdue: boolean;
    }
  | { /** It is due, and nobody is publishing it. */ reason: 'unpublished'; since: Date };

/** It is being run. */
export type RunningReason =
  | {
      reason: 'running';
      /** Node name. */
      worker: string;
      startedAt: Date;
      /** 1 for the first run. */
      attempt: number;
      /** How many workers have died while running it; after one, it is started alone. */
      deaths: number;
      /** If its worker dies, it is taken over then. Workers prolong it all the time. */
      leaseUntil: Date;
      /** Its message is no more with its worker, since it runs for long, or its worker lost the broker: it comes again. */
      isMessageReturned: boolean;
      progress: TaskProgress | null;
      /** When its signal aborts, and when it is ended; null: never, as far as is known. */
      softTimeLimitAt: Date | null;
      timeLimitAt: Date | null;
    }
  | {
      /** Its worker is dead: whoever gets its message next takes it over. */
      reason: 'worker_lost';
      /** Node name; null when nobody knows it any more. */
      worker: string | null;
      startedAt: Date;
      attempt: number;
      deaths: number;
      /** When its lease ran out. */
      leaseUntil: Date | null;
      /** When its message is published again; null: the broker has it. */
      messageDueAt: Date | null;
    }
  | {
      /** By a worker that is not ours. */ reason: 'running_elsewhere';
      startedAt: Date;
      progress: TaskProgress | null;
    };

/** It has ended. */
export type EndedReason =
  | { reason: 'succeeded'; finishedAt: Date }
  | {
      reason: 'failed';
      finishedAt: Date;
      error: TaskError | null;
      retries: number;
      deaths: number;
      /** Its message was put there when it failed; null: no. */
      deadLetterQueue: string | null;
    }
  | { reason: 'revoked'; finishedAt: Date }
  | { /** It was not to start after that time, and had not. */ reason: 'expired'; finishedAt: Date; expiresAt: Date };
