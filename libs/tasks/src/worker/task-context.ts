import type { LogLevel, SettlementRows, SettlementWriter } from '../store/task-store.js';
import { IgnoreTaskError, RejectTaskError, RetryRequestedError, SnoozeTaskError } from './task-errors.js';
import { TaskFacts } from './task-facts.js';
import { TaskLog } from './task-log.js';

/** What a run needs of the worker. */
export interface RunControl {
  /** Resolves when what became of the run is decided, whatever the handler still does. */
  readonly decided: Promise<unknown>;
  /** @throws ClaimLostError when the run no longer holds its task */
  passPointOfNoReturn(): Promise<void>;
  /** @param progress - JSON of a {@link TaskProgress} */
  report(progress: string): void;
  log(level: LogLevel, message: string): void;
  /** The handler did not give the event loop back for so long. */
  heldLoop(heldMs: number): void;
}

/** How {@link TaskContext.retry} tries again. */
export interface RetryOptions {
  /** In so many seconds. @defaultValue the contract's `defaultRetryDelay` */
  countdown?: number;
  /** At that time; `countdown` counts more. */
  eta?: Date;
  /** Why: it is kept with the attempt, and is the task's error when no retries are left. */
  error?: unknown;
  /** @defaultValue the contract's */
  maxRetries?: number | null;
}

/** What a handler gets beside its input: which run of which task this is, and what it may ask of the worker. */
export class TaskContext extends TaskFacts {
  private rows: SettlementRows | null = null;
  private ownLog: TaskLog | undefined;

  constructor(
    /** @internal */
    readonly facts: TaskFacts,
    /**
     * Aborts when the run should come to an end. `signal.reason` says why: {@link SoftTimeLimitExceeded},
     * {@link TimeLimitExceeded}, {@link TaskRevokedError} or {@link WorkerStoppedError}.
     */
    readonly signal: AbortSignal,
    /** @internal */
    readonly control: RunControl,
  ) {
    super(facts);
  }

  /** Logs with the task's name and id; the first 200 lines, 16 KB at most, are kept with the attempt. */
  get log(): TaskLog {
    this.ownLog ??= new TaskLog((level, message) => this.control.log(level, message));
    return this.ownLog;
  }

  /** Says how far it has come: the state `PROGRESS`, see {@link updateState}. */
  progress(current: number, total?: number, message?: string): void {
    this.updateState('PROGRESS', { current, total, message });
  }

  /**
   * Says in the handler's own words where it is. The last report is kept, beside the task's state, until the task is
   * run again; reports that come faster than they can be written cost nothing.
   *
   * @param state - any text, for example `FETCHING`
   * @param meta - JSON
   */
  updateState(state: string, meta: Readonly<Record<string, unknown>> = {}): void {
    this.control.report(JSON.stringify({ state, meta }));
  }

  /**
   * Ends this run, and has the task tried again. It costs a retry; when none is left the task fails with the error
   * given, or with {@link MaxRetriesExceededError}.
   *
   * @throws {@link RetryRequestedError} always
   */
  retry({ countdown, eta, error, maxRetries }: RetryOptions = {}): never {
    const countdownSeconds = countdown ?? (eta === undefined ? null : Math.max(0, (eta.getTime() - Date.now()) / 1000));
    if (countdownSeconds !== null) assertSeconds('retry', countdownSeconds);
    throw new RetryRequestedError(countdownSeconds, maxRetries, error);
  }

  /**
   * Ends this run, and has the task run again after so many seconds. It costs no retry.
   *
   * @throws {@link SnoozeTaskError} always
   */
  snooze(countdownSeconds: number): never {
    assertSeconds('snooze', countdownSeconds);
    throw new SnoozeTaskError(`Put off for ${countdownSeconds} s.`, countdownSeconds);
  }

  /**
   * Ends the task as FAILURE, and has its message kept as a dead letter.
   *
   * @throws {@link RejectTaskError} always
   */
  reject(reason: string): never {
    throw new RejectTaskError(reason);
  }

  /**
   * Ends the task as SUCCESS without a result; nothing follows from it, and nobody is told. Its attempt is `IGNORED`.
   *
   * @throws {@link IgnoreTaskError} always
   */
  ignore(): never {
    throw new IgnoreTaskError();
  }

  /**
   * Hands in rows that commit together with this run's outcome, also when it throws. A second call replaces the first.
   *
   * @param writer - writes the rows of a whole batch; the same object each time
   */
  settleWith<Data>(writer: SettlementWriter<Data>, data: Data): void {
    this.rows = { writer, data };
  }

  /**
   * To be called right before an effect that cannot be taken back, such as the body of a mail. It is written down, so
   * that whoever takes over from a worker that dies afterwards knows that the effect may have happened.
   *
   * @throws {@link ClaimLostError} when another worker may have the task by now: the effect must not happen then
   */
  passPointOfNoReturn(): Promise<void> {
    return this.control.passPointOfNoReturn();
  }

  /** @internal */
  get settlementRows(): SettlementRows | null {
    return this.rows;
  }

  /** @internal */
  heldLoop(heldMs: number): void {
    this.control.heldLoop(heldMs);
  }
}

function assertSeconds(method: string, seconds: number): void {
  if (seconds >= 0 && seconds < Infinity) return;
  throw new RangeError(`task.${method}() was given a countdown of ${seconds}: expected seconds, 0 or more.`);
}
