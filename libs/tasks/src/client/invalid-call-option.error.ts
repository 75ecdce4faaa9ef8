import { inspect } from 'node:util';
import type { CallOptions } from '../contract/call-options.js';

/** An option of a call that makes no sense. Nothing is sent. */
export class InvalidCallOptionError extends Error {
  override readonly name = 'InvalidCallOptionError';

  constructor(
    readonly taskName: string,
    readonly option: keyof CallOptions,
    readonly given: unknown,
    readonly expected: string,
  ) {
    super(`Task ${taskName} was called with ${option}=${shown(given)}: expected ${expected}.`);
  }
}

function shown(given: unknown): string {
  return inspect(given, { depth: 1, maxStringLength: 80, breakLength: Infinity });
}
