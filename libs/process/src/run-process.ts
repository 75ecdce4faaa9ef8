import { Logger } from '@nestjs/common';
import { stopWhenParentIsGone } from './parent-watch.js';
import { startProblem } from './start-problem.js';

/** What a process runs until it is told to stop. */
export interface Stoppable {
  close(): Promise<void>;
  /** Has a {@link close} that is under way wait for nothing that still runs. */
  hurry?(): void;
  /** Resolves, with the reason in one line, when it cannot go on and a new process may. */
  readonly broken?: Promise<string>;
}

/** How long a process that was told to hurry has for giving back what it holds. */
const HURRY_MS = 5000;
/** Exit code of a process that did not wait until it had stopped: 128 + SIGINT, as shells have it. */
const INTERRUPTED_EXIT_CODE = 130;
/** Exit code of a process that is to be started again, since it cannot go on: EX_TEMPFAIL of sysexits.h. */
const BROKEN_EXIT_CODE = 75;

/**
 * Runs a process: starts it, stops it at SIGTERM, SIGINT or when the process that started it is gone, and ends with
 * exit code 0 when it has stopped, 1 when it could not start or stop, 75 when it could not go on and has to be started
 * again. A second signal has it hurry (Celery's cold shutdown), or ends it at once where there is nothing to hurry; a
 * third one, or five seconds of hurry, end it: exit code 130. SIGQUIT counts as two.
 *
 * @param start - resolves when everything runs
 */
export async function runProcess(start: () => Promise<Stoppable>): Promise<void> {
  // A broken pipe on the output (its reader ended) is no reason to die in the middle of a task.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const log = new Logger('Process');
  let signals = 0;
  let running: Stoppable | undefined;
  let ending: Promise<void> | undefined;
  const started = start().then((it) => (running = it));
  const end = (exitCode: number): void => {
    ending ??= started.then((it) => it.close()).then(() => process.exit(exitCode), exitWith);
  };
  const stop = (): void => {
    signals += 1;
    if (signals === 1) {
      log.log('Stopping: what runs may end first, for a while. Asked once more, it waits for nothing.');
      end(0);
    } else if (signals === 2 && running?.hurry !== undefined) {
      log.log('Stopping now: what runs is given back.');
      setTimeout(() => process.exit(INTERRUPTED_EXIT_CODE), HURRY_MS);
      running.hurry();
    } else {
      process.exit(INTERRUPTED_EXIT_CODE);
    }
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGQUIT', () => {
    if (signals === 0) stop();
    stop();
  });
  stopWhenParentIsGone(stop);
  const endWhenBroken = async (broken: Promise<string>): Promise<void> => {
    log.error(`${await broken} Stopping with exit code ${BROKEN_EXIT_CODE}: to be started again.`);
    end(BROKEN_EXIT_CODE);
  };
  const { broken } = await started.catch(exitWith);
  if (broken !== undefined) void endWhenBroken(broken);
}

/** Says why, without a stack where the error is one that a user can mend. */
function exitWith(error: unknown): never {
  console.error(startProblem(error) ?? error);
  process.exit(1);
}
