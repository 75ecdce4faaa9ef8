import { isStoreAway } from '../store/store-errors.js';
import type { WorkerStore } from '../store/task-store.js';
import { callHandler } from './call-handler.js';
import type { FollowUpPlanner } from './follow-ups/follow-up-planner.js';
import type { RegisteredHandler } from './handlers/handler-registry.js';
import { HandBacks } from './hand-backs.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { toTaskError, type Outcome } from './outcome.js';
import { ownOutcome } from './revoked-run.js';
import { NOTHING_WITH_IT, settlementOf, type SettledWith } from './settlement.js';
import { TaskContext } from './task-context.js';
import { callHooks } from './handlers/task-hooks.js';
import { factsOf, type TaskRun } from './task-run.js';
import { endIfOverdue, holdToTimeLimits } from './time-limits.js';
import type { WorkerLog } from './worker-log.js';
import { WorkerRunControl } from './worker-run-control.js';

/** When a task comes again whose outcome the store refused. */
const UNSTORED_PAUSE_MS = 30_000;

/** What an executor is made of. */
export interface TaskExecutorParts {
  store: WorkerStore;
  lease: LeaseKeeper;
  followUps: FollowUpPlanner;
  log: WorkerLog;
  /** The worker's node name. */
  hostname: string;
}

/** What became of a run, and whether that was written down. */
interface Settled {
  outcome: Outcome;
  /** False when the claim was no longer held: somebody else has the task, or its outcome is recorded already. */
  held: boolean;
}

/** Runs a claimed task to its end: handler, settle, acknowledgement, one line in the log. */
export class TaskExecutor {
  private readonly handBacks: HandBacks;

  constructor(private readonly parts: TaskExecutorParts) {
    this.handBacks = new HandBacks(parts.store);
  }

  async execute(run: TaskRun, handler: RegisteredHandler): Promise<void> {
    const { hostname, log } = this.parts;
    const control = new WorkerRunControl(run, this.parts);
    const context = new TaskContext(factsOf(run, hostname), run.abort.signal, control);
    holdToTimeLimits(run, handler.contract, log);
    void callHandler(run, handler, context).then((outcome) => this.take(run, handler, outcome));
    const outcome = await run.outcome;
    let settled: Settled;
    try {
      settled = await this.settle(run, outcome, { rows: context.settlementRows, ...control.close() });
    } catch (error) {
      log.error(`The outcome of ${run.label} could not be stored: ${String(error)}`);
      // It is run again, after a while: its handler may hand in the same rows. Without a store the message comes back,
      // and finds the claim of a worker that does not run it any more.
      await this.handBacks.giveUp(run.delivery, run.claim, UNSTORED_PAUSE_MS, 'lease').catch(() => undefined);
      return;
    }
    this.report(run, settled);
    // Also when the claim was not held: then it was taken over, or this is the second try of a commit whose answer
    // was lost. Either way the row is right, and this message is done with.
    run.delivery.ack();
    if (settled.held && handler.hooks !== undefined) await callHooks(handler.hooks, settled.outcome, context, log);
  }

  private take(run: TaskRun, { contract }: RegisteredHandler, outcome: Outcome): void {
    endIfOverdue(run, contract, this.parts.log);
    if (run.decide(ownOutcome(outcome, run))) return;
    this.parts.log.warn(
      `${run.label} came to its end after ${run.elapsedSeconds} s, too late: it had been ended already.`,
    );
  }

  private async settle(run: TaskRun, outcome: Outcome, settledWith: SettledWith): Promise<Settled> {
    try {
      return { outcome, held: await this.write(run, outcome, settledWith) };
    } catch (error) {
      // A failure may not be written of a run whose effect may have happened: the next one is told so instead.
      if (isStoreAway(error) || run.passedPointOfNoReturn) throw error;
      // What the handler handed in can never be stored. That is the outcome, then.
      const failure: Outcome = { state: 'FAILURE', error: toTaskError(error), deadLetterReason: null };
      return { outcome: failure, held: await this.write(run, failure, NOTHING_WITH_IT) };
    }
  }

  private write(run: TaskRun, outcome: Outcome, settledWith: SettledWith): Promise<boolean> {
    const { store, followUps } = this.parts;
    const task = { request: run.request, queue: run.delivery.queue };
    return store.settle({ ...settlementOf(run, outcome, settledWith), followUps: followUps.afterRun(task, outcome) });
  }

  private report(run: TaskRun, { outcome, held }: Settled): void {
    const { log } = this.parts;
    const task = run.label;
    if (!held) {
      log.warn(`${task} is no longer held by this run: it was taken over, or its outcome is recorded already.`);
      return;
    }
    switch (outcome.state) {
      case 'SUCCESS':
        return log.log(`${task} succeeded in ${run.elapsedSeconds} s.`);
      case 'IGNORED':
        return log.log(`${task} ended in ${run.elapsedSeconds} s, and is to be ignored.`);
      case 'RETRY': {
        const { countdownSeconds, error } = outcome;
        const retry = run.claim.retries + 1;
        return log.warn(`${task} is tried again in ${countdownSeconds} s (retry ${retry}): ${error.message}`);
      }
      case 'FAILURE':
        if (outcome.isExpected === true) return log.log(`${task} failed, as it may: ${outcome.error.message}`);
        return log.error(`${task} failed: ${outcome.error.message}`, outcome.error.stack ?? undefined);
      case 'REVOKED':
        return log.warn(`${task} was revoked: ${outcome.error.message}`);
      case 'SNOOZE':
    }
  }
}
