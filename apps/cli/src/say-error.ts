import { CommanderError } from 'commander';
import { CommandError } from './command.error.js';
import { ExitCode } from './exit-code.js';
import { paintFor } from './terminal/terminal.js';

/** Says what went wrong, on the error output. @returns the exit code */
export function sayError(error: unknown): ExitCode {
  // Commander has said it already; its own code for all mistakes is 1.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof CommandError) {
    process.stderr.write(`${paintFor(process.stderr)('red', 'error:')} ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return ExitCode.fault;
}
