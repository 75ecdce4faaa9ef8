import { toTaskError, type Outcome, type RevokedOutcome } from './outcome.js';
import type { TaskRevokedError } from './task-errors.js';
import type { TaskRun } from './task-run.js';
import type { WorkerLog } from './worker-log.js';

/**
 * Tells a run that its task has been revoked: its signal aborts. To be terminated, it ends as REVOKED right away,
 * unless it has passed its point of no return. A second revoke matters only if it terminates and the first did not.
 */
export function revokeRun(run: TaskRun, reason: TaskRevokedError, log: WorkerLog): void {
  if (run.isDecided || (run.revoked !== null && (run.revoked.terminated || !reason.terminated))) return;
  run.revoked = reason;
  if (!reason.terminated) {
    log.log(`${run.label} has been revoked: it is told to come to an end.`);
    run.abort.abort(reason);
  } else if (!run.end(revokedOutcome(reason), reason)) {
    log.warn(`${run.label} is to be terminated, but is past its point of no return: it may finish.`);
  }
}

/**
 * What becomes of a run by what it says itself at its end. One that was revoked and threw is REVOKED, and so is one
 * that wants to be run again; but what failed after the point of no return has failed: something may have happened.
 */
export function ownOutcome(own: Outcome, { revoked, passedPointOfNoReturn }: TaskRun): Outcome {
  if (revoked === null) return own;
  switch (own.state) {
    case 'SUCCESS':
    case 'IGNORED':
    case 'REVOKED':
      return own;
    case 'FAILURE':
      return passedPointOfNoReturn ? own : revokedOutcome(revoked);
    case 'RETRY':
    case 'SNOOZE':
      return revokedOutcome(revoked);
  }
}

function revokedOutcome(reason: TaskRevokedError): RevokedOutcome {
  // Its stack is that of who asked, and says nothing.
  return { state: 'REVOKED', error: { ...toTaskError(reason), stack: null } };
}
