import type { ExitCode } from './exit-code.js';

/** Why a command cannot be done: its message is all that a user has to see of it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
