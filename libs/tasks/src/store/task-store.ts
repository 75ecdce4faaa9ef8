import type { EntityManager } from 'typeorm';
import type { TaskRateLimit } from '../contract/rate-limit.js';
import type { BroadcastStore } from './broadcast-store.js';
import type { DeadLetterStore } from './dead-letter-store.js';
import type { InspectStore } from './inspect-store.js';
import type { Letter, OutboxMessage, RoutedMessage } from './messages.js';
import type { ResultStore } from './result-store.js';
import type { RevokedRun, RevokeOutcome } from './revokes.js';
import type { LogLine, TaskError } from './run-reports.js';
import type { OutboxTrouble, Standings } from './standings.js';
import type { TaskEndWriters } from './task-end.js';
import type { UniqueKey } from './unique-key.js';

export type { Letter, OutboxMessage, RoutedMessage, StoredEnvelope } from './messages.js';
export type { AttemptOutcome, LogLevel, LogLine, TaskError, TaskProgress } from './run-reports.js';

/** Why a task waits although nothing else is in its way. */
export type WaitReason = 'scheduled' | 'no_handler' | 'lease' | 'snoozed' | 'rate_limited';

/** What follows from the end of a task; it commits together with that. */
export interface FollowUps {
  /** For our own queues. */
  tasks: NewTask[];
  letters: Letter[];
  /** What the app writes of the end; a {@link TaskEnd} for its writer. */
  rows?: SettlementRows | null;
}

/** A task that is to be written down, with the outbox row that sends it. */
export interface NewTask {
  id: string;
  outboxId: string;
  name: string;
  queue: string;
  message: RoutedMessage;
  /** It is not written while another task holds its key. */
  unique: UniqueKey | null;
  /** It is run by workers that are not ours; what becomes of it comes as a message. */
  isElsewhere: boolean;
  /** When it may run at the earliest; null when that is no certain time. */
  eta: Date | null;
  /** In how many milliseconds it may run at the earliest; null when that is not said so. */
  countdownMs: number | null;
  /** After which it is not run any more. */
  expiresAt: Date | null;
  /** The same as a time from now. */
  expiresInMs: number | null;
  /** For how long it is kept after its end; null: for good. */
  retentionSeconds: number | null;
  /** In how many milliseconds the relay may publish a task that may run at once; until then its writer does. */
  leaseMs: number;
}

/** What became of a {@link NewTask}. */
export interface Enqueued {
  /** Its id; or the id of the task that holds its key. */
  id: string;
  /** False when nothing was written: its id was there already, or its key was held. */
  isNew: boolean;
}

/** Who holds a claim. */
export interface ClaimToken {
  taskId: string;
  attempt: number;
}

/** A delivery for which a worker asks to run the task. */
export interface ClaimRequest {
  taskId: string;
  /** The message's generation; null for one that a foreign producer sent: that is compared by `retries`. */
  generation: number | null;
  retries: number;
  /** This worker is running the task just now, for another message. */
  isRunning: boolean;
  /** The task may be run again after a worker has died while running it. */
  mayRunAgain: boolean;
  /** Null for a task that will not be run for now, whatever the store says. */
  rateLimit: TaskRateLimit | null;
  /** For a foreign message only: the row to make. */
  foreign: (Pick<NewTask, 'name' | 'queue' | 'message' | 'retentionSeconds'> & { expiresAt: Date | null }) | null;
  /** What follows if the store ends the task; null: nothing, whatever it says. */
  followUpsOf: ((answer: ClaimAnswer) => FollowUps | null) | null;
}

/**
 * What the store says to a claim.
 *
 * - `run`: it is yours, run it.
 * - `stale`: ended, or continued under another generation: acknowledge and forget.
 * - `leased`: another run holds it; hand the message back until `leaseRemainingMs` have passed.
 * - `rate_limited`: the store has written that it waits for its slot, and the message for then: acknowledge.
 * - `expired`, `revoked`, `lost`: the store has ended it (REVOKED; FAILURE after too many dead workers): acknowledge.
 * - `missing`: one of ours without a row: dead-letter it.
 * - `again`: another worker is just making the row: ask once more.
 */
export type ClaimVerdict =
  'run' | 'stale' | 'leased' | 'rate_limited' | 'expired' | 'revoked' | 'lost' | 'missing' | 'again';

/** What the store says to one {@link ClaimRequest}, and what the row says then. */
export interface ClaimAnswer {
  taskId: string;
  verdict: ClaimVerdict;
  attempt: number;
  retries: number;
  generation: number;
  deaths: number;
  leaseRemainingMs: number;
  /** A run before this one had passed its point of no return and left no outcome. */
  interruptedAfterPointOfNoReturn: boolean;
}

/** Writes a handler's own rows in the transaction that settles its tasks; one call for a whole batch. */
export interface SettlementWriter<Data = unknown> {
  /**
   * @param manager - of the settling transaction
   * @param items - what the handlers handed in, of the tasks that were settled
   */
  write(manager: EntityManager, items: Data[]): Promise<void>;
}

/** Rows that commit together with a task's outcome. */
export interface SettlementRows {
  writer: SettlementWriter;
  data: unknown;
}

/** The outcome of a run. */
export interface Settlement extends ClaimToken {
  /** `SNOOZE`: the task is as it was before the run, and waits. `IGNORED`: it is SUCCESS, and its attempt says more. */
  state: 'SUCCESS' | 'IGNORED' | 'FAILURE' | 'REVOKED' | 'RETRY' | 'SNOOZE';
  /** Retries used up, this one included. */
  retries: number;
  /** The result as JSON; null where there is none. */
  resultJson: string | null;
  error: TaskError | null;
  /** JSON of the last {@link TaskProgress}, if it has not been written; null leaves what is there. */
  progress: string | null;
  /** What the handler has logged in this run; null when nothing. */
  log: LogLine[] | null;
  /** The message that continues the task (a retry, a snooze), or ends it elsewhere (a dead letter). */
  next: { message: RoutedMessage; dueInMs: number } | null;
  rows: SettlementRows | null;
  followUps: FollowUps | null;
  /** The run was cut off after its point of no return, before it could say what has happened: the next one is told. */
  isCutOff: boolean;
}

/** What a run says of itself while it is at it. */
export interface ProgressReport extends ClaimToken {
  /** JSON of a {@link TaskProgress}. */
  progress: string;
}

/** A message that goes back to wait in the outbox instead of in the queue. */
export interface HandBack {
  taskId: string;
  /** For a message alone: nothing happens unless the row still has this generation. */
  generation: number;
  /** Set when the worker gives up a claim of its own, for this attempt: nothing happens unless it still holds it. */
  attempt: number | null;
  message: RoutedMessage;
  dueInMs: number;
  waitReason: WaitReason | null;
}

/** The worker as the store knows it. */
export interface WorkerIdentity {
  /** New at each start. */
  id: string;
  /** Node name, `name@host`. */
  name: string;
  pid: number;
  /** The queues that it consumes. */
  queues: string[];
  /** How many tasks it runs at a time. */
  concurrency: number;
}

/** What senders, the outbox and the upkeep need of a {@link TaskStore}. */
export interface OutboxStore extends BroadcastStore {
  /**
   * Writes tasks and their outbox rows in the caller's transaction. Ids that are there already are left alone.
   *
   * @returns what became of each, in their order
   */
  enqueue(tasks: readonly NewTask[], manager: EntityManager): Promise<Enqueued[]>;
  /** Calls back when the caller's transaction has committed; never when it was rolled back. */
  afterCommit(manager: EntityManager, callback: () => void): void;
  /**
   * Writes tasks and their outbox rows: all of them, or none. Ids that are there already are left alone.
   *
   * @returns what became of each, in their order
   */
  enqueueMany(tasks: readonly NewTask[]): Promise<Enqueued[]>;
  /** Writes one task, together with others of the moment; resolves when that has committed. */
  enqueueOne(task: NewTask): Promise<Enqueued>;
  /** Takes messages that are due, for `leaseMs`: after that, another relay may take them. */
  takeDue(limit: number, leaseMs: number): Promise<OutboxMessage[]>;
  /**
   * Ends tasks that wait, as REVOKED, and remembers the revoke of those that are being run or not known yet.
   *
   * @param remembered - null: only what waits is ended, nothing else happens
   * @param writers - write of the tasks that it ends, in the same transaction
   */
  revoke(
    taskIds: readonly string[],
    remembered: { terminate: boolean } | null,
    writers?: TaskEndWriters,
  ): Promise<Map<string, RevokeOutcome>>;
  /** Sets a task's rate for all workers; null: no limit. Those that wait for far slots follow a higher rate. */
  setRateLimit(taskName: string, rate: string | null): Promise<void>;
  /** Makes those tasks, or so many of them, due at once that wait for this reason. */
  wake(taskNames: readonly string[], waitReason: WaitReason, limit?: number): Promise<void>;
  /** How these tasks stand: one query, however many they are. */
  standings(taskIds: readonly string[]): Promise<Standings>;
  /** Forgets a message that the broker has confirmed. */
  published(outboxId: string): Promise<void>;
  /** Puts a message off that could not be published. @param trouble - null when the broker is away */
  postpone(outboxId: string, delayMs: number, trouble: OutboxTrouble | null): Promise<void>;
  /**
   * Writes messages that continue no task: all of them, or none. They are due at once.
   *
   * @param manager - of the caller's transaction. @defaultValue they are committed at once
   */
  addLetters(letters: readonly Letter[], manager?: EntityManager): Promise<void>;
  /**
   * Gives every unfinished task that nothing moves any more (no outbox row, no living lease) an outbox row
   * with the next generation. One process at a time.
   *
   * @returns how many tasks were brought back
   */
  reconcile(queues: string[], minAgeMs: number): Promise<number>;
  /** Forgets tasks that ended longer ago than they are to be kept, and hold no key. @returns how many, `limit` at most */
  forgetEnded(limit: number): Promise<number>;
  /** Forgets keys of unique tasks that have run out. @returns how many, `limit` at most */
  forgetKeys(limit: number): Promise<number>;
  /** Waits until all that was handed in is written. */
  close(): Promise<void>;
}

/** What one worker needs of a {@link TaskStore}. */
export interface WorkerStore {
  /** Asks for the tasks of these deliveries, each task once. The answers are in the order of the requests. */
  claim(requests: ClaimRequest[]): Promise<ClaimAnswer[]>;
  /** @returns false when the claim is no longer held: nothing was written, somebody else has the task */
  settle(settlement: Settlement): Promise<boolean>;
  /** @returns false when the row has moved on: there is nothing to hand back */
  handBack(handBack: HandBack): Promise<boolean>;
  /** @returns false when the claim is no longer held: the effect must not happen */
  passPointOfNoReturn(token: ClaimToken): Promise<boolean>;
  /** @returns false when the claim is no longer held: nothing was written */
  writeProgress(report: ProgressReport): Promise<boolean>;
  /** Makes those tasks due at once that wait for this reason. */
  wake(taskNames: readonly string[], waitReason: WaitReason): Promise<void>;
  /** Which of these tasks, which the worker runs, have been revoked. */
  findRevoked(taskIds: readonly string[]): Promise<RevokedRun[]>;
  /** Drops what nobody needs any more: workers dead for a day, rates unused for a day, revokes of 30 days ago. */
  forgetOld(): Promise<void>;
  /**
   * Makes or prolongs the worker's lease.
   *
   * @param taskIds - what it runs. @defaultValue nothing
   */
  renewLease(leaseMs: number, taskIds?: readonly string[]): Promise<void>;
  /** Waits until all that was handed in is written. */
  close(): Promise<void>;
}

/** How a worker's store is to be. */
export interface WorkerStoreOptions {
  /** After how many dead workers a task is given up. @defaultValue 3 */
  maxDeaths?: number;
  /** Told of each failed write that is tried again. */
  onError?(error: unknown): void;
  /** Told when messages were written that are due at once. */
  onOutbox?(): void;
}

/** Where tasks are remembered: the port that each store implements. */
export interface TaskStore {
  readonly outbox: OutboxStore & ResultStore & DeadLetterStore;
  readonly inspect: InspectStore;
  /** What this worker needs of it, which the worker closes. */
  forWorker(worker: WorkerIdentity, options?: WorkerStoreOptions): WorkerStore;
}
