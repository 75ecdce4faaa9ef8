import type { ErrorRules } from './error-rules.js';
import { InvalidTaskOptionError } from './invalid-task-option.error.js';
import { flag, orNull, priority, seconds, secondsAboveZero, shortText, type Rule } from './option-rules.js';
import { EXPECTED_RATE, isRate } from './rate-limit.js';
import type { TaskOptions } from './task-options.js';
import { END_STATES, isEndState } from './task-state.js';

/** The part of a contract that is checked. */
interface CheckedOptions extends TaskOptions, ErrorRules {
  readonly name: string;
  readonly queue: string;
  uniqueKey?(input: never): unknown;
  rateLimitKey?(input: never): string;
}

const errorClasses: Rule = [
  (value) => value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'function')),
  'a list of error classes',
];
const functionOrNone: Rule = [(value) => value === undefined || typeof value === 'function', 'a function'];

const OPTION_RULES: Readonly<Record<keyof TaskOptions, Rule>> = {
  maxRetries: orNull([(value) => Number.isInteger(value) && (value as number) >= 0, 'a whole number, 0 or more']),
  retryBackoff: seconds,
  retryBackoffMax: seconds,
  retryJitter: flag,
  defaultRetryDelay: seconds,
  softTimeLimit: orNull(secondsAboveZero),
  timeLimit: orNull(secondsAboveZero),
  acksLate: flag,
  rejectOnWorkerLost: flag,
  rateLimit: orNull([isRate, EXPECTED_RATE]),
  priority,
  ignoreResult: flag,
  uniqueFor: orNull(secondsAboveZero),
  uniqueStates: [(value) => Array.isArray(value) && value.every(isEndState), `a list out of ${END_STATES.join(', ')}`],
  retention: orNull(secondsAboveZero),
};

const RULES: ReadonlyArray<[option: keyof CheckedOptions, Rule]> = Object.entries({
  name: shortText,
  queue: shortText,
  ...OPTION_RULES,
  autoretryFor: errorClasses,
  dontAutoretryFor: errorClasses,
  throws: errorClasses,
  uniqueKey: functionOrNone,
  rateLimitKey: functionOrNone,
} satisfies Record<keyof CheckedOptions, Rule>) as [keyof CheckedOptions, Rule][];

/**
 * Checks options that are said for a task beside its contract.
 *
 * @throws {@link InvalidTaskOptionError} when there is no such option, or it makes no sense
 */
export function checkAnnotation(taskName: string, options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidTaskOptionError(taskName, 'annotations', options, 'an object with options');
  }
  for (const [option, given] of Object.entries(options)) {
    const rule = Object.hasOwn(OPTION_RULES, option) ? OPTION_RULES[option as keyof TaskOptions] : undefined;
    const [fits, expected] = rule ?? [() => false, `one of the options ${Object.keys(OPTION_RULES).join(', ')}`];
    if (!fits(given)) throw new InvalidTaskOptionError(taskName, option, given, expected);
  }
}

/**
 * Checks everything of a contract that the compiler cannot.
 *
 * @returns the contract
 * @throws {@link InvalidTaskOptionError}
 */
export function checkOptions<Contract extends CheckedOptions>(contract: Contract): Contract {
  const { name, softTimeLimit, timeLimit } = contract;
  for (const [option, [fits, expected]] of RULES) {
    const given = contract[option];
    if (!fits(given)) throw new InvalidTaskOptionError(name, option, given, expected);
  }
  if (softTimeLimit !== null && timeLimit !== null && softTimeLimit > timeLimit) {
    throw new InvalidTaskOptionError(name, 'softTimeLimit', softTimeLimit, `no more than the timeLimit, ${timeLimit}`);
  }
  return contract;
}
