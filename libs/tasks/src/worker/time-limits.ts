import type { TaskOptions } from '../contract/task-options.js';
import { LONGEST_TIMER_MS } from '../timers/longest-timer.js';
import { toTaskError } from './outcome.js';
import { SoftTimeLimitExceeded, TimeLimitExceeded } from './task-errors.js';
import type { TaskRun } from './task-run.js';
import type { WorkerLog } from './worker-log.js';

/**
 * Holds a run to its time limits: the message's, else the contract's. At the soft one its signal aborts; at the hard
 * one it is FAILURE. A run without limits has no timers.
 */
export function holdToTimeLimits(
  run: TaskRun,
  contract: Pick<TaskOptions, 'softTimeLimit' | 'timeLimit'>,
  log: WorkerLog,
): void {
  const softSeconds = run.request.softTimeLimitSeconds || contract.softTimeLimit;
  const hardSeconds = hardLimitSeconds(run, contract);
  if (softSeconds !== null) {
    startTimer(run, softSeconds, () => run.abort.abort(new SoftTimeLimitExceeded(softSeconds)));
  }
  if (hardSeconds !== null) startTimer(run, hardSeconds, () => endAtHardLimit(run, hardSeconds, log));
}

/** Ends a run at its end that is past its hard limit: what holds the event loop holds up the timer too. */
export function endIfOverdue(run: TaskRun, contract: Pick<TaskOptions, 'timeLimit'>, log: WorkerLog): void {
  const hardSeconds = hardLimitSeconds(run, contract);
  if (hardSeconds === null || run.isDecided) return;
  if (performance.now() - run.startedAtMs >= hardSeconds * 1000) endAtHardLimit(run, hardSeconds, log);
}

/** 0 is no limit, as in Celery. */
function hardLimitSeconds({ request }: TaskRun, { timeLimit }: Pick<TaskOptions, 'timeLimit'>): number | null {
  return request.timeLimitSeconds || timeLimit;
}

function startTimer(run: TaskRun, seconds: number, onTime: () => void): void {
  const timer = setTimeout(onTime, Math.min(seconds * 1000, LONGEST_TIMER_MS));
  void run.outcome.then(() => clearTimeout(timer));
}

function endAtHardLimit(run: TaskRun, limitSeconds: number, log: WorkerLog): void {
  const reason = new TimeLimitExceeded(limitSeconds);
  // Its stack is the timer's, and says nothing.
  const error = { ...toTaskError(reason), stack: null };
  if (run.end({ state: 'FAILURE', error, deadLetterReason: null }, reason)) return;
  log.warn(`${run.label} is past its limit of ${limitSeconds} s, but past its point of no return too: it may finish.`);
}
