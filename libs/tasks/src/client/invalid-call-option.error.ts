import type { CallOptions } from './call-options.js';

/** An option of a call that makes no sense. Nothing is sent. */
export class InvalidCallOptionError extends Error {
  override readonly name = 'InvalidCallOptionError';

  constructor(
    readonly taskName: string,
    readonly option: keyof CallOptions,
    readonly given: unknown,
    readonly expected: string,
  ) {
    super(`Task ${taskName} was called with ${option}=${String(given)}: expected ${expected}.`);
  }
}
