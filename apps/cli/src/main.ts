import { CommanderError } from 'commander';
import { CommandError } from './command.error.js';
import { ExitCode } from './exit-code.js';
import { createProgram } from './program.js';
import { paintFor } from './terminal/terminal.js';

/** Does what the command line says, and ends the process with the exit code that says how that went. */
export async function runCommandLine(): Promise<void> {
  // Whoever reads our output has read enough, as `head` does: that is no fault.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === 'EPIPE' ? ExitCode.ok : ExitCode.fault),
  );
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
  // What an app has opened by itself does not keep the process; what was printed goes out first.
  process.stdout.write('', () => process.exit());
}

/** Says what went wrong. @returns the exit code */
function report(error: unknown): ExitCode {
  // Commander has said it already; its own code for all mistakes is 1.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  const paint = paintFor(process.stderr);
  if (error instanceof CommandError) {
    process.stderr.write(`${paint('red', 'error:')} ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return ExitCode.fault;
}
