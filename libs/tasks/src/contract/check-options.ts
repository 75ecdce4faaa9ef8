import type { ErrorRules } from './error-rules.js';
import { InvalidTaskOptionError } from './invalid-task-option.error.js';
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

/** What fits, and how to say so. */
type Rule = readonly [fits: (value: unknown) => boolean, expected: string];

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const orNull = ([fits, expected]: Rule): Rule => [(value) => value === null || fits(value), `${expected}, or null`];

const seconds: Rule = [(value) => isNumber(value) && value >= 0, 'seconds, 0 or more'];
const secondsAboveZero: Rule = [(value) => isNumber(value) && value > 0, 'seconds above 0'];
const flag: Rule = [(value) => typeof value === 'boolean', 'true or false'];
const shortText: Rule = [
  (value) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 255,
  'some text, of 255 bytes at most',
];
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
  priority: [
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255,
    'a whole number from 0 to 255',
  ],
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
