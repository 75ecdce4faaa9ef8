import { ExitCode } from './exit-code.js';
import { createProgram } from './program.js';
import { sayError } from './say-error.js';

/** Does what the command line says, and ends the process with the exit code that says how that went. */
export async function runCommandLine(): Promise<void> {
  // Whoever reads our output has read enough, as `head` does: that is no fault.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === 'EPIPE' ? ExitCode.ok : ExitCode.fault),
  );
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = sayError(error);
  }
  // What an app has opened by itself does not keep the process; what was printed goes out first.
  process.stdout.write('', () => process.exit());
}
