import { inspect } from 'node:util';
import { isExpected, mayAutoretry, type ErrorRules } from '../contract/error-rules.js';
import { InvalidTaskInputError } from '../contract/invalid-task-input.error.js';
import type { RetryPolicy, TaskOptions } from '../contract/task-options.js';
import type { TaskError } from '../store/task-store.js';
import { hasRetriesLeft, retryCountdownSeconds } from './retry-policy.js';
import {
  ClaimLostError,
  IgnoreTaskError,
  MaxRetriesExceededError,
  PermanentTaskError,
  RejectTaskError,
  RetryRequestedError,
  RetryTaskError,
  SnoozeTaskError,
} from './task-errors.js';

/** Whoever has the claim now is at it, or nobody is: then the next one comes soon. */
const CLAIM_LOST_PAUSE_SECONDS = 1;

/** What follows from one run of a handler. */
export type Outcome = SuccessOutcome | RetryOutcome | FailureOutcome | SnoozeOutcome | IgnoredOutcome | RevokedOutcome;

/** The handler returned. */
export interface SuccessOutcome {
  state: 'SUCCESS';
  result: unknown;
  /** The result as JSON; null where there is none. */
  resultJson: string | null;
}

/** It failed, and is tried again. */
export interface RetryOutcome {
  state: 'RETRY';
  error: TaskError;
  countdownSeconds: number;
}

/** It failed for good. */
export interface FailureOutcome {
  state: 'FAILURE';
  error: TaskError;
  /** Set for a message that is a dead letter as well. */
  deadLetterReason: string | null;
  /** The contract counts the error among those of ordinary life. */
  isExpected?: boolean;
}

/** Put off: as if this run had not been. */
export interface SnoozeOutcome {
  state: 'SNOOZE';
  countdownSeconds: number;
}

/** SUCCESS without a result, of which nobody is told. */
export interface IgnoredOutcome {
  state: 'IGNORED';
}

/** It was revoked while it was being run. */
export interface RevokedOutcome {
  state: 'REVOKED';
  error: TaskError;
}

/** The part of a contract that decides what follows from an error. */
export type OutcomeRules = ErrorRules & RetryPolicy & Pick<TaskOptions, 'defaultRetryDelay'>;

/** @throws TypeError when the result is no JSON (a BigInt, a circle): that is the handler's failure */
export function outcomeOfResult(result: unknown): SuccessOutcome {
  const isNothing = result === undefined || result === null;
  return { state: 'SUCCESS', result, resultJson: isNothing ? null : (JSON.stringify(result) ?? null) };
}

/**
 * What follows from an error that a handler threw: a retry while the contract's rules allow one and retries are left,
 * then FAILURE. An error that says it is permanent ends the task at once, one that rejects it makes it a dead letter as
 * well. A run that was put off, or that lost its claim before it had an effect, costs nothing.
 *
 * @param retries - retries used up so far
 */
export function outcomeOfError(
  thrown: unknown,
  rules: OutcomeRules,
  retries: number,
  random: () => number = Math.random,
): Outcome {
  if (thrown instanceof SnoozeTaskError) return { state: 'SNOOZE', countdownSeconds: thrown.countdownSeconds };
  if (thrown instanceof ClaimLostError) return { state: 'SNOOZE', countdownSeconds: CLAIM_LOST_PAUSE_SECONDS };
  if (thrown instanceof IgnoreTaskError) return { state: 'IGNORED' };
  if (thrown instanceof RejectTaskError) return { ...failure(thrown, rules), deadLetterReason: thrown.message };
  if (thrown instanceof RetryRequestedError) return outcomeOfRequest(thrown, rules, retries);
  if (!mayRetry(thrown, rules) || !hasRetriesLeft(rules, retries)) return failure(thrown, rules);
  const backoffSeconds = retryCountdownSeconds(rules, retries, random);
  const minSeconds = thrown instanceof RetryTaskError ? thrown.minCountdownSeconds : 0;
  return { state: 'RETRY', error: toTaskError(thrown), countdownSeconds: Math.max(backoffSeconds, minSeconds) };
}

/** What follows from input that did not get as far as the handler: if the contract refuses it, it is a dead letter. */
export function outcomeOfInputError(thrown: unknown, rules: OutcomeRules, retries: number): Outcome {
  if (!(thrown instanceof InvalidTaskInputError)) return outcomeOfError(thrown, rules, retries);
  return { ...failure(thrown, rules), deadLetterReason: thrown.message };
}

/** Whatever was thrown, as data. Never throws: an error may be its handler's own class, with getters that do. */
export function toTaskError(thrown: unknown): TaskError {
  try {
    return read(thrown);
  } catch (fault) {
    return { type: 'Error', message: `What was thrown cannot be read: ${String(fault)}`, stack: null };
  }
}

function read(thrown: unknown): TaskError {
  if (thrown instanceof Error) {
    const { name, message, stack = null } = thrown;
    return { type: name, message, stack };
  }
  const message = typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 1 });
  return { type: typeof thrown, message, stack: null };
}

/** Errors that say themselves what should be done are not judged by the contract. */
function mayRetry(thrown: unknown, rules: ErrorRules): boolean {
  if (thrown instanceof PermanentTaskError) return false;
  return thrown instanceof RetryTaskError || mayAutoretry(rules, thrown);
}

function outcomeOfRequest(request: RetryRequestedError, rules: OutcomeRules, retries: number): Outcome {
  const { maxRetries = rules.maxRetries, countdownSeconds, cause } = request;
  if (!hasRetriesLeft({ maxRetries }, retries)) return failure(cause ?? new MaxRetriesExceededError(maxRetries), rules);
  return {
    state: 'RETRY',
    error: toTaskError(cause ?? request),
    countdownSeconds: countdownSeconds ?? rules.defaultRetryDelay,
  };
}

function failure(thrown: unknown, rules: ErrorRules): FailureOutcome {
  return {
    state: 'FAILURE',
    error: toTaskError(thrown),
    deadLetterReason: null,
    isExpected: isExpected(rules, thrown),
  };
}
