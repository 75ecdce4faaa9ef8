import type { TaskContract } from '../contract/define-task.js';
import type { Delivery } from '../broker/broker.js';
import type { TaskRequest } from '../protocol/index.js';
import type { ClaimAnswer } from '../store/task-store.js';
import type { Outcome } from './outcome.js';
import type { TaskRevokedError } from './task-errors.js';
import { TaskFacts } from './task-facts.js';
import { taskLabel } from './worker-log.js';

/** One claimed task in a worker, from the claim to its acknowledgement. */
export class TaskRun {
  readonly request: TaskRequest;
  /** Replaced when the broker delivers the message again while it is being run. */
  delivery: Delivery;
  deliveredAtMs: number;
  /** The run has taken so long that it goes on without the message. */
  isMessageGone = false;
  /** Another worker may run the task again if this run comes to no end. */
  readonly mayRunAgain: boolean;
  readonly startedAtMs = performance.now();
  /** Aborts what the handler holds as `task.signal`; the reason says why. */
  readonly abort = new AbortController();
  /** Resolves with what became of the run, as soon as that is decided. */
  readonly outcome: Promise<Outcome>;
  passedPointOfNoReturn = false;
  /** Its handler came to no end of its own: its thread was lost, or the worker stops. */
  isCutOff = false;
  /** Set when the task has been revoked in the meantime. */
  revoked: TaskRevokedError | null = null;
  /** For how long the handler's own call did not give the event loop back. */
  heldLoopMs = 0;
  private announce!: (outcome: Outcome) => void;
  private isOver = false;

  constructor(
    { request, delivery, deliveredAtMs }: Pick<TaskRun, 'request' | 'delivery' | 'deliveredAtMs'>,
    readonly claim: ClaimAnswer,
    contract: TaskContract,
  ) {
    this.request = request;
    this.delivery = delivery;
    this.deliveredAtMs = deliveredAtMs;
    this.mayRunAgain = mayRunAgain(contract);
    this.outcome = new Promise((resolve) => (this.announce = resolve));
  }

  /** What became of the run is decided: whatever its handler still does or says changes nothing. */
  get isDecided(): boolean {
    return this.isOver;
  }

  /** How the run is called in the log. */
  get label(): string {
    return taskLabel(this.request);
  }

  /** For how long it has been going on. */
  get elapsedSeconds(): string {
    return ((performance.now() - this.startedAtMs) / 1000).toFixed(3);
  }

  /** Says what became of the run: the first one who does decides. @returns false when that is not this one */
  decide(outcome: Outcome): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.announce(outcome);
    return true;
  }

  /**
   * Ends the run now, with this outcome, whatever its handler still does, and aborts its signal. Of a run that has
   * passed its point of no return only the handler knows what happened: it gets the signal alone.
   *
   * @returns whether this was the outcome
   */
  end(outcome: Outcome, reason: Error): boolean {
    const isCut = !this.passedPointOfNoReturn && this.decide(outcome);
    this.abort.abort(reason);
    return isCut;
  }
}

/** @returns whether a task is run again after a run that came to no end, since its worker died or stopped */
export function mayRunAgain({ acksLate, rejectOnWorkerLost }: TaskContract): boolean {
  return acksLate && rejectOnWorkerLost;
}

/** For how long a foreign producer's message is not to be run yet; what is ours comes when it is due. */
export function earlyMs({ generation, eta }: TaskRequest): number {
  return generation === null && eta !== null ? eta.getTime() - Date.now() : 0;
}

/** @param hostname - the worker's node name */
export function factsOf({ request, claim, delivery }: TaskRun, hostname: string): TaskFacts {
  const { id, name, args, kwargs, eta, expires, rootId, parentId, priority, userHeaders: headers } = request;
  const { retries, attempt, interruptedAfterPointOfNoReturn } = claim;
  const { exchange, routingKey, queue, redelivered } = delivery;
  return {
    id,
    name,
    args,
    kwargs,
    retries,
    attempt,
    interruptedAfterPointOfNoReturn,
    eta,
    expires,
    rootId,
    parentId,
    headers,
    hostname,
    deliveryInfo: { exchange, routingKey, queue, priority, redelivered },
  };
}
