import type { SettlementRows, SettlementWriter } from '../store/task-store.js';

/** What a run needs of the worker. */
export interface RunControl {
  /** @throws ClaimLostError when the run no longer holds its task */
  passPointOfNoReturn(): Promise<void>;
}

/** Facts about one run. */
export interface RunFacts {
  id: string;
  name: string;
  retries: number;
  attempt: number;
  interruptedAfterPointOfNoReturn: boolean;
  headers: Readonly<Record<string, unknown>>;
}

/** What a handler gets beside its input: which run of which task this is, and what it may ask of the worker. */
export class TaskContext implements RunFacts {
  readonly id: string;
  readonly name: string;
  /** Retries used up so far; 0 in the first run. */
  readonly retries: number;
  /** 1 in the first run; counts takeovers from dead workers as well. */
  readonly attempt: number;
  /**
   * The run before this one passed its point of no return and died before it could say how it ended: its effect may
   * have happened.
   */
  readonly interruptedAfterPointOfNoReturn: boolean;
  /** The headers that the caller gave. */
  readonly headers: Readonly<Record<string, unknown>>;
  private rows: SettlementRows | null = null;

  constructor(
    /** @internal */
    readonly facts: RunFacts,
    /**
     * Aborts when the run should come to an end. `signal.reason` says why: {@link SoftTimeLimitExceeded},
     * {@link TimeLimitExceeded}, {@link TaskRevokedError} or {@link WorkerStoppedError}.
     */
    readonly signal: AbortSignal,
    private readonly control: RunControl,
  ) {
    this.id = facts.id;
    this.name = facts.name;
    this.retries = facts.retries;
    this.attempt = facts.attempt;
    this.interruptedAfterPointOfNoReturn = facts.interruptedAfterPointOfNoReturn;
    this.headers = facts.headers;
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
}
