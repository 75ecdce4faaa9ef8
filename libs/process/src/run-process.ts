import { Logger } from '@nestjs/common';
import { stopWhenParentIsGone } from './parent-watch.js';

/** What a process runs until it is told to stop. */
export interface Stoppable {
  close(): Promise<void>;
}

/** Exit code of a process that was stopped a second time while it was stopping: 128 + SIGINT, as shells have it. */
const INTERRUPTED_EXIT_CODE = 130;

/**
 * Runs a process: starts it, stops it at SIGTERM, SIGINT or when the process that started it is gone, and ends with
 * exit code 0 when it has stopped, 1 when it could not start or stop. A second signal ends it at once.
 *
 * @param start - resolves when everything runs
 */
export async function runProcess(start: () => Promise<Stoppable>): Promise<void> {
  // A broken pipe on the output (its reader ended) is no reason to die in the middle of a task.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  let stopping = false;
  const started = start();
  const stop = (): void => {
    if (stopping) process.exit(INTERRUPTED_EXIT_CODE);
    stopping = true;
    new Logger('Process').log('Stopping. Asked once more, it ends at once.');
    started.then((running) => running.close()).then(() => process.exit(0), exitWith);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  stopWhenParentIsGone(stop);
  await started.catch(exitWith);
}

/** Says why, without a stack where the error is one that a user can mend. */
function exitWith(error: unknown): never {
  const known = error instanceof Error && error.name !== 'Error' && error.name !== 'TypeError';
  console.error(known ? `${error.name}: ${error.message}` : error);
  process.exit(1);
}
