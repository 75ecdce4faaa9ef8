import { isStoreAway } from '../store/store-errors.js';
import type { Settlement, SettlementRows, WorkerStore } from '../store/task-store.js';
import type { FollowUpPlanner } from './follow-up-planner.js';
import type { RegisteredHandler } from './handler-registry.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { toTaskError, type Outcome } from './outcome.js';
import { ClaimLostError } from './task-errors.js';
import { callHandler, settlementOf, type TaskRun } from './task-run.js';
import type { WorkerLog } from './worker-log.js';

/** Runs a claimed task to its end: handler, settle, acknowledgement, one line in the log. */
export class TaskExecutor {
  constructor(
    private readonly store: WorkerStore,
    private readonly lease: LeaseKeeper,
    private readonly followUps: FollowUpPlanner,
    private readonly log: WorkerLog,
  ) {}

  async execute(run: TaskRun, handler: RegisteredHandler): Promise<void> {
    const passPointOfNoReturn = (): Promise<void> => this.passPointOfNoReturn(run);
    const { outcome, rows } = await callHandler(run, handler, { passPointOfNoReturn });
    try {
      const held = await this.settle(run, outcome, rows);
      this.report(run, outcome, held);
    } catch (error) {
      // The message comes back, and the claim with it: this worker holds the task but does not run it any more.
      this.log.error(`The outcome of ${nameOf(run)} could not be stored: ${String(error)}`);
      run.delivery.release();
      return;
    }
    // Also when the claim was not held: then it was taken over, or this is the second try of a commit whose answer
    // was lost. Either way the row is right, and this message is done with.
    run.delivery.ack();
  }

  private async settle(run: TaskRun, outcome: Outcome, rows: SettlementRows | null): Promise<boolean> {
    try {
      return await this.store.settle(this.settlementOf(run, outcome, rows));
    } catch (error) {
      // A failure may not be written of a run whose effect may have happened: the next one is told so instead.
      if (isStoreAway(error) || run.passedPointOfNoReturn) throw error;
      // What the handler handed in can never be stored. That is the outcome, then.
      const failure: Outcome = { state: 'FAILURE', error: toTaskError(error), deadLetterReason: null };
      return this.store.settle(this.settlementOf(run, failure, null));
    }
  }

  private settlementOf(run: TaskRun, outcome: Outcome, rows: SettlementRows | null): Settlement {
    const followUps = this.followUps.afterRun({ request: run.request, queue: run.delivery.queue }, outcome);
    return { ...settlementOf(run, outcome, rows), followUps };
  }

  private async passPointOfNoReturn(run: TaskRun): Promise<void> {
    const { taskId, attempt } = run.claim;
    const held = this.lease.valid && (await this.store.passPointOfNoReturn({ taskId, attempt })) && this.lease.valid;
    if (!held) throw new ClaimLostError(taskId, attempt);
    run.passedPointOfNoReturn = true;
  }

  private report(run: TaskRun, outcome: Outcome, held: boolean): void {
    const task = nameOf(run);
    const seconds = ((performance.now() - run.startedAtMs) / 1000).toFixed(3);
    if (!held) {
      this.log.warn(`${task} is no longer held by this run: it was taken over, or its outcome is recorded already.`);
    } else if (outcome.state === 'SUCCESS') {
      this.log.log(`${task} succeeded in ${seconds} s.`);
    } else if (outcome.state === 'RETRY') {
      const retry = run.claim.retries + 1;
      this.log.warn(
        `${task} is tried again in ${outcome.countdownSeconds} s (retry ${retry}): ${outcome.error.message}`,
      );
    } else if (outcome.state === 'FAILURE') {
      this.log.error(`${task} failed: ${outcome.error.message}`, outcome.error.stack ?? undefined);
    }
  }
}

function nameOf({ request }: TaskRun): string {
  return `Task ${request.name}[${request.id}]`;
}
