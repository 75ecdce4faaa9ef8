import type { EntityManager } from 'typeorm';
import type { MessageProperties } from '../protocol/task-message.js';

/**
 * The states of a task; Celery's, and no others.
 *
 * - `PENDING`: accepted, not yet run. The claim moves it on.
 * - `STARTED`: a worker holds the claim. Its settle moves it on; if the worker dies, the next claim does.
 * - `RETRY`: failed, and will be tried again at `due_at`.
 * - `SUCCESS`, `FAILURE`, `REVOKED`: ended.
 */
export type TaskState = 'PENDING' | 'STARTED' | 'RETRY' | 'SUCCESS' | 'FAILURE' | 'REVOKED';

/** Why a task waits although nothing else is in its way. */
export type WaitReason = 'scheduled' | 'no_handler' | 'lease' | 'snoozed';

/** How one run of a task ended. */
export type AttemptOutcome = 'SUCCESS' | 'FAILURE' | 'RETRY' | 'SNOOZE' | 'WORKER_LOST';

/** An exception as data. It is never made into an exception again. */
export interface TaskError {
  type: string;
  message: string;
  /** The stack, or null where it says nothing. */
  stack: string | null;
}

/** What travels with a body: a message's properties and headers. */
export interface StoredEnvelope {
  properties: MessageProperties;
  headers: Record<string, unknown>;
}

/** A message and where it goes. */
export interface RoutedMessage {
  exchange: string;
  routingKey: string;
  envelope: StoredEnvelope;
  body: Buffer;
}

/** A task that is to be written down, with the outbox row that sends it. */
export interface NewTask {
  id: string;
  outboxId: string;
  name: string;
  queue: string;
  message: RoutedMessage;
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
  /**
   * In how many milliseconds the relay may publish a task that may run at once; for as long the writer does so itself.
   */
  leaseMs: number;
}

/** A message that is due, as the relay takes it. */
export interface OutboxMessage extends RoutedMessage {
  outboxId: string;
  taskId: string | null;
  generation: number | null;
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
  /** For a foreign message only: the row to make. */
  foreign: { name: string; queue: string; message: RoutedMessage; expiresAt: Date | null } | null;
}

/**
 * What the store says to a claim.
 *
 * - `run`: it is yours, run it.
 * - `stale`: ended, or continued under another generation: acknowledge and forget.
 * - `leased`: another run holds it; hand the message back until `leaseRemainingMs` have passed.
 * - `expired`, `lost`: the store has ended it (REVOKED; FAILURE after too many dead workers): acknowledge.
 * - `missing`: one of ours without a row: dead-letter it.
 * - `again`: another worker is just making the row: ask once more.
 */
export type ClaimVerdict = 'run' | 'stale' | 'leased' | 'expired' | 'lost' | 'missing' | 'again';

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
  /** `SNOOZE`: the task is as it was before the run, and waits. */
  state: 'SUCCESS' | 'FAILURE' | 'RETRY' | 'SNOOZE';
  /** Retries used up, this one included. */
  retries: number;
  result: unknown;
  error: TaskError | null;
  /** The message that continues the task (a retry, a snooze), or ends it elsewhere (a dead letter). */
  next: { message: RoutedMessage; dueInMs: number } | null;
  rows: SettlementRows | null;
}

/** A message that goes back to wait in the outbox instead of in the queue. */
export interface HandBack {
  taskId: string;
  /** Nothing happens unless the row still has this generation. */
  generation: number;
  /** Set when the worker gives up a claim of its own, for this attempt. */
  attempt: number | null;
  message: RoutedMessage;
  dueInMs: number;
  waitReason: WaitReason | null;
}

/** What the store knows of why a task waits. */
export interface StoredWait {
  taskId: string;
  waitReason: WaitReason | null;
  /** When it may run; null when it does not wait for a time. */
  dueAt: Date | null;
  /** Its time has not come. */
  isEarly: boolean;
  /** Its message is still in the outbox. */
  isUnpublished: boolean;
  /** There is a worker whose lease lives. */
  hasWorker: boolean;
  /** How many of the tasks sent before it wait in its queue; null when nobody knows. */
  before: number | null;
  /** There may be more of them: not all were looked at. */
  isMore: boolean;
}

/** The worker as the store knows it. */
export interface WorkerIdentity {
  /** New at each start. */
  id: string;
  /** Node name, `name@host`. */
  name: string;
  pid: number;
}

/** Where tasks are remembered: what a producer and the outbox need of it. */
export interface OutboxStore {
  /**
   * Writes tasks and their outbox rows in the caller's transaction. Ids that are there already are left alone.
   *
   * @returns the ids that were not there
   */
  enqueue(tasks: NewTask[], manager: EntityManager): Promise<Set<string>>;
  /** Calls back when the caller's transaction has committed; never when it was rolled back. */
  afterCommit(manager: EntityManager, callback: () => void): void;
  /**
   * Writes tasks and their outbox rows: all of them, or none. Ids that are there already are left alone.
   *
   * @returns the ids that were not there
   */
  enqueueMany(tasks: NewTask[]): Promise<Set<string>>;
  /**
   * Writes one task, together with others of the moment; resolves when that has committed.
   *
   * @returns false when the id was there already
   */
  enqueueOne(task: NewTask): Promise<boolean>;
  /** Takes messages that are due, for `leaseMs`: after that, another relay may take them. */
  takeDue(limit: number, leaseMs: number): Promise<OutboxMessage[]>;
  /** Ends tasks that wait, as REVOKED. @returns the ids of those; one that runs, or has ended, is left alone */
  revoke(taskIds: readonly string[]): Promise<Set<string>>;
  /** Makes those tasks, or so many of them, due at once that wait for this reason. */
  wake(taskNames: readonly string[], waitReason: WaitReason, limit?: number): Promise<void>;
  /** What the store knows of why these tasks wait; those that do not are left out. */
  waits(taskIds: readonly string[]): Promise<StoredWait[]>;
  /** Forgets a message that the broker has confirmed. */
  published(outboxId: string): Promise<void>;
  /** Puts a message off that could not be published. */
  postpone(outboxId: string, delayMs: number): Promise<void>;
  /** Writes a message that continues no task: a dead letter. It is due at once. */
  addLetter(message: RoutedMessage): Promise<void>;
  /**
   * Gives every unfinished task that nothing moves any more (no outbox row, no living lease) an outbox row
   * with the next generation. One process at a time.
   *
   * @returns how many tasks were brought back
   */
  reconcile(queues: string[], minAgeMs: number): Promise<number>;
  /** Forgets tasks that ended longer ago than they are to be kept. @returns how many, `limit` at most */
  forgetEnded(limit: number): Promise<number>;
  /** Waits until all that was handed in is written. */
  close(): Promise<void>;
}

/** Where tasks are remembered: what one worker needs of it. */
export interface WorkerStore {
  /** Asks for the tasks of these deliveries, each task once. The answers are in the order of the requests. */
  claim(requests: ClaimRequest[]): Promise<ClaimAnswer[]>;
  /** @returns false when the claim is no longer held: nothing was written, somebody else has the task */
  settle(settlement: Settlement): Promise<boolean>;
  /** @returns false when the row has moved on: there is nothing to hand back */
  handBack(handBack: HandBack): Promise<boolean>;
  /** @returns false when the claim is no longer held: the effect must not happen */
  passPointOfNoReturn(token: ClaimToken): Promise<boolean>;
  /** Makes those tasks due at once that wait for this reason. */
  wake(taskNames: readonly string[], waitReason: WaitReason): Promise<void>;
  /** Drops the rows of workers that died a day ago or earlier: each start of a worker makes one. */
  forgetDeadWorkers(): Promise<void>;
  /** Makes or prolongs the worker's lease. */
  renewLease(leaseMs: number): Promise<void>;
  /** Waits until all that was handed in is written. */
  close(): Promise<void>;
}

export interface WorkerStoreOptions {
  /** After how many dead workers a task is given up. @defaultValue 3 */
  maxDeaths?: number;
  /** Told of each failed write that is tried again. */
  onError?(error: unknown): void;
}

/** Where tasks are remembered. */
export interface TaskStore {
  readonly outbox: OutboxStore;
  /** What this worker needs of it, which the worker closes. */
  forWorker(worker: WorkerIdentity, options?: WorkerStoreOptions): WorkerStore;
}
