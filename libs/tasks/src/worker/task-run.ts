import { checkInput } from '../contract/check-input.js';
import type { TaskContract } from '../contract/define-task.js';
import { InvalidTaskInputError } from '../contract/invalid-task-input.error.js';
import type { Delivery } from '../broker/broker.js';
import { continueTaskMessage, type TaskRequest } from '../protocol/index.js';
import type { ClaimAnswer, RoutedMessage, Settlement } from '../store/task-store.js';
import { deadLetter } from './dead-letters.js';
import type { RegisteredHandler } from './handler-registry.js';
import { outcomeOfError, type Outcome } from './outcome.js';
import { TaskContext, type RunControl } from './task-context.js';

/** One claimed task in a worker, from the claim to its acknowledgement. */
export interface TaskRun {
  request: TaskRequest;
  claim: ClaimAnswer;
  /** Replaced when the broker delivers the message again while it is being run. */
  delivery: Delivery;
  deliveredAtMs: number;
  /** The run has taken so long that it goes on without the message. */
  isMessageGone: boolean;
  /** Another worker may run the task again if this run comes to no end. */
  readonly mayRunAgain: boolean;
  startedAtMs: number;
  passedPointOfNoReturn: boolean;
  /** Aborts what the handler holds as `task.signal`; the reason says why. */
  readonly abort: AbortController;
}

/** @returns whether a task is run again after a run that came to no end, since its worker died or stopped */
export function mayRunAgain({ acksLate, rejectOnWorkerLost }: TaskContract): boolean {
  return acksLate && rejectOnWorkerLost;
}

/** Calls the handler. @returns what followed; never throws */
export async function callHandler(
  run: TaskRun,
  handler: RegisteredHandler,
  control: RunControl,
): Promise<{ outcome: Outcome; rows: Settlement['rows'] }> {
  const { request, claim } = run;
  const context = new TaskContext(
    { ...claim, id: request.id, name: request.name, headers: request.userHeaders },
    run.abort.signal,
    control,
  );
  try {
    const input = await checkInput(handler.contract, inputOf(request));
    const result = await handler.run(input, context);
    // A result that is no JSON (a BigInt, a circle) is the handler's fault and its failure.
    JSON.stringify(result);
    return { outcome: { state: 'SUCCESS', result }, rows: context.settlementRows };
  } catch (thrown) {
    return { outcome: outcomeOfError(thrown, handler.contract, claim.retries), rows: context.settlementRows };
  }
}

/** For how long a foreign producer's message is not to be run yet; what is ours comes when it is due. */
export function earlyMs({ generation, eta }: TaskRequest): number {
  return generation === null && eta !== null ? eta.getTime() - Date.now() : 0;
}

/** The input travels as kwargs; args have no names to check them by. */
export function inputOf(request: TaskRequest): unknown {
  if (request.args.length === 0) return request.kwargs;
  const issue = { path: 'args', message: `expected keyword arguments only, got ${request.args.length} positional` };
  throw new InvalidTaskInputError(request.name, [issue]);
}

/** What is to be written down for an outcome. */
export function settlementOf(run: TaskRun, outcome: Outcome, rows: Settlement['rows']): Settlement {
  const { claim, delivery, request } = run;
  const base = { taskId: claim.taskId, attempt: claim.attempt, state: outcome.state, rows };
  switch (outcome.state) {
    case 'SUCCESS':
      return {
        ...base,
        retries: claim.retries,
        result: request.ignoreResult ? null : outcome.result,
        error: null,
        next: null,
      };
    case 'RETRY': {
      const dueInMs = outcome.countdownSeconds * 1000;
      const next = { message: retryMessage(run, new Date(Date.now() + dueInMs)), dueInMs };
      return { ...base, retries: claim.retries + 1, result: null, error: outcome.error, next };
    }
    case 'SNOOZE': {
      const next = { message: continuedMessage(delivery), dueInMs: outcome.countdownSeconds * 1000 };
      return { ...base, retries: claim.retries, result: null, error: null, next };
    }
    case 'FAILURE': {
      const reason = outcome.deadLetterReason;
      const next = reason === null ? null : { message: deadLetter(delivery, reason), dueInMs: 0 };
      return { ...base, retries: claim.retries, result: null, error: outcome.error, next };
    }
  }
}

/** The same message once more, for its queue. */
export function continuedMessage(delivery: Delivery): RoutedMessage {
  const { exchange, routingKey, message } = delivery;
  const { properties, headers, body } = message;
  return { exchange, routingKey, envelope: { properties, headers }, body };
}

function retryMessage({ delivery, claim }: TaskRun, eta: Date): RoutedMessage {
  const { exchange, routingKey, message } = delivery;
  const change = { generation: claim.generation + 1, retries: claim.retries + 1, eta };
  const { properties, headers, body } = continueTaskMessage(message, change);
  return { exchange, routingKey, envelope: { properties, headers }, body };
}
