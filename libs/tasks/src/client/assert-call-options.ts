import type { CallOptions } from './call-options.js';
import { InvalidCallOptionError } from './invalid-call-option.error.js';

/** @throws {@link InvalidCallOptionError} when one of the options makes no sense */
export function assertCallOptions(taskName: string, options: CallOptions): void {
  const { countdown, eta, expires, priority, softTimeLimit = 0, timeLimit = Infinity } = options;
  const refuse = (option: keyof CallOptions, expected: string): never => {
    throw new InvalidCallOptionError(taskName, option, options[option], expected);
  };
  if (countdown !== undefined && eta !== undefined) refuse('countdown', 'no eta beside it');
  if (countdown !== undefined && !(countdown >= 0 && countdown < Infinity)) refuse('countdown', 'seconds, 0 or more');
  if (eta !== undefined && Number.isNaN(eta.getTime())) refuse('eta', 'a valid date');
  if (expires instanceof Date && Number.isNaN(expires.getTime())) refuse('expires', 'a valid date');
  for (const option of ['expires', 'softTimeLimit', 'timeLimit'] as const) {
    const seconds = options[option];
    if (typeof seconds === 'number' && !(seconds > 0 && seconds < Infinity)) refuse(option, 'seconds above 0');
  }
  if (softTimeLimit > timeLimit) refuse('softTimeLimit', `no more than the timeLimit, ${timeLimit}`);
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 255)) {
    refuse('priority', 'a whole number from 0 to 255');
  }
  for (const option of ['queue', 'routingKey', 'taskId', 'idempotencyKey', 'shadow'] as const) {
    if (options[option] === '') refuse(option, 'some text');
  }
}
