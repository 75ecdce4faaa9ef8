import type { TaskState } from '../contract/task-state.js';
import type { StoredAttempt, StoredResult } from '../store/result-store.js';
import type { RevokeOutcome } from '../store/revokes.js';
import type { TaskError, TaskProgress } from '../store/task-store.js';
import { ResultRevokedError, TaskFailedError, UnknownTaskError } from './result-errors.js';
import type { EndedResult } from './result-watch.js';

/** How {@link TaskClient.revoke} revokes. */
export interface RevokeOptions {
  /** End a run at once, instead of leaving it to the run. @defaultValue false */
  terminate?: boolean;
}

/** What an {@link AsyncResult} asks of its client. */
export interface ResultSource {
  find(taskId: string): Promise<StoredResult | undefined>;
  attempts(taskId: string): Promise<StoredAttempt[]>;
  ended(taskId: string, timeoutMs: number | undefined): Promise<EndedResult>;
  forget(taskId: string): Promise<boolean>;
  revoke(taskId: string, options: RevokeOptions): Promise<RevokeOutcome>;
}

/**
 * A task that was sent, and what becomes of it. All that it says is asked of Postgres when it is asked; an id that is
 * not there is an {@link UnknownTaskError}, never PENDING.
 *
 * @typeParam Output - what the contract says that the handler returns, as it comes out of JSON
 */
export class AsyncResult<Output = unknown> {
  // Not seen by JSON: an answer to a browser may hold the result as it is.
  readonly #source: ResultSource;

  constructor(
    /** The task's id: UUIDv7, unless its caller chose another one. */
    readonly id: string,
    source: ResultSource,
    /** The call sent nothing: a task with its id, its input or its idempotency key was there before. It is this one. */
    readonly duplicate = false,
  ) {
    this.#source = source;
  }

  /** @throws {@link UnknownTaskError} */
  async state(): Promise<TaskState> {
    return (await this.found()).state;
  }

  /**
   * Waits until the task has ended. Not for a handler: it would keep its slot from the task that it waits for.
   *
   * @param options.timeoutMs - how long to wait at most. @defaultValue for ever
   * @returns what the handler returned; null where that was not kept
   * @throws {@link TaskFailedError} when it is FAILURE
   * @throws {@link ResultRevokedError} when it is REVOKED
   * @throws {@link ResultTimeoutError} when it has not ended by then
   * @throws {@link UnknownTaskError}; {@link ResultsClosedError} when this process stops
   */
  async get({ timeoutMs }: { timeoutMs?: number } = {}): Promise<Output> {
    const { state, result, error } = await this.#source.ended(this.id, timeoutMs);
    if (state === 'FAILURE') throw new TaskFailedError(this.id, error ?? NO_ERROR);
    if (state === 'REVOKED') throw new ResultRevokedError(this.id);
    return result as Output;
  }

  /** @throws {@link UnknownTaskError} */
  async successful(): Promise<boolean> {
    return (await this.state()) === 'SUCCESS';
  }

  /** @throws {@link UnknownTaskError} */
  async failed(): Promise<boolean> {
    return (await this.state()) === 'FAILURE';
  }

  /**
   * The runs so far that have ended, in their order; of a task that is run elsewhere nobody knows them.
   *
   * @throws {@link UnknownTaskError}
   */
  async attempts(): Promise<StoredAttempt[]> {
    await this.found();
    return this.#source.attempts(this.id);
  }

  /** What the latest run has said of itself; null when nothing. @throws {@link UnknownTaskError} */
  async progress(): Promise<TaskProgress | null> {
    return (await this.found()).progress;
  }

  /**
   * Empties what the task holds of its caller's and its handler's: arguments, headers, result, progress, errors, logs.
   * The row stays, with how it ended.
   *
   * @returns false when the task has not ended: it needs all that
   * @throws {@link UnknownTaskError}
   */
  async forget(): Promise<boolean> {
    if (await this.#source.forget(this.id)) return true;
    await this.found();
    return false;
  }

  /** As {@link TaskClient.revoke}. */
  revoke(options: RevokeOptions = {}): Promise<RevokeOutcome> {
    return this.#source.revoke(this.id, options);
  }

  private async found(): Promise<StoredResult> {
    const result = await this.#source.find(this.id);
    if (result === undefined) throw new UnknownTaskError(this.id);
    return result;
  }
}

/** Of a failure that was forgotten. */
const NO_ERROR: TaskError = { type: 'Error', message: '', stack: null };
