import { flag, priority, seconds, secondsAboveZero, shortText, type Rule } from '../contract/option-rules.js';
import type { CallOptions } from '../contract/call-options.js';
import { InvalidCallOptionError } from './invalid-call-option.error.js';

/** Headers travel in one AMQP frame, beside those of the protocol. */
const MAX_HEADERS_BYTES = 32 * 1024;
/** Ids and keys are text in Postgres, which knows no NUL. */
const hasNoNul = (value: unknown): boolean => !String(value).includes('\0');

const isDate = (value: unknown): boolean => value instanceof Date && !Number.isNaN(value.getTime());
const countdown: Rule = [(value) => seconds[0](value) && (value as number) < 1e10, seconds[1]];
/** Of a message, in which those of ours have their place too. */
export const headers: Rule = [isHeaders, `an object of JSON values, of ${MAX_HEADERS_BYTES} bytes at most`];
const text: Rule = [(value) => typeof value === 'string' && value !== '' && hasNoNul(value), 'some text, without NUL'];

const RULES: Readonly<Record<keyof CallOptions, Rule>> = {
  countdown,
  eta: [isDate, 'a valid Date'],
  expires: [(value) => isDate(value) || secondsAboveZero[0](value), 'seconds above 0, or a valid Date'],
  softTimeLimit: secondsAboveZero,
  timeLimit: secondsAboveZero,
  priority,
  queue: shortText,
  exchange: [(value) => value === '' || shortText[0](value), 'text, of 255 bytes at most'],
  routingKey: shortText,
  headers,
  taskId: text,
  idempotencyKey: text,
  ignoreResult: flag,
  shadow: text,
};

/** @throws {@link InvalidCallOptionError} when one of the options makes no sense */
export function assertCallOptions(taskName: string, options: CallOptions): void {
  const refuse = (option: keyof CallOptions, expected: string): never => {
    throw new InvalidCallOptionError(taskName, option, options[option], expected);
  };
  for (const [option, [fits, expected]] of Object.entries(RULES) as [keyof CallOptions, Rule][]) {
    const given = options[option];
    if (given !== undefined && !fits(given)) refuse(option, expected);
  }
  const { softTimeLimit = 0, timeLimit = Infinity } = options;
  if (options.countdown !== undefined && options.eta !== undefined) refuse('countdown', 'no eta beside it');
  if (softTimeLimit > timeLimit) refuse('softTimeLimit', `no more than the timeLimit, ${timeLimit}`);
}

function isHeaders(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  try {
    return Buffer.byteLength(JSON.stringify(value)) <= MAX_HEADERS_BYTES && Object.values(value).every(isJson);
  } catch {
    // A circle, or a BigInt.
    return false;
  }
}

function isJson(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol';
  return Object.values(value).every(isJson);
}
