import type { LogLevel, WorkerStore } from '../store/task-store.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { ProgressWriter } from './progress-writer.js';
import type { SettledWith } from './settlement.js';
import type { RunControl } from './task-context.js';
import { ClaimLostError } from './task-errors.js';
import { AttemptLog } from './task-log.js';
import type { TaskRun } from './task-run.js';
import type { WorkerLog } from './worker-log.js';

/** What the worker does for a run that asks. What a run never asks for is never made. */
export class WorkerRunControl implements RunControl {
  readonly decided: Promise<unknown>;
  private progress: ProgressWriter | undefined;
  private attemptLog: AttemptLog | undefined;

  constructor(
    private readonly run: TaskRun,
    private readonly parts: { store: WorkerStore; lease: LeaseKeeper; log: WorkerLog },
  ) {
    this.decided = run.outcome;
  }

  async passPointOfNoReturn(): Promise<void> {
    const { store, lease } = this.parts;
    const { taskId, attempt } = this.run.claim;
    const held = lease.valid && (await store.passPointOfNoReturn({ taskId, attempt })) && lease.valid;
    // Meanwhile its time may have run out: then it has been ended, and must have no effect.
    if (!held || this.run.isDecided) throw new ClaimLostError(taskId, attempt);
    this.run.passedPointOfNoReturn = true;
  }

  report(progress: string): void {
    if (this.run.isDecided) return;
    const { taskId, attempt } = this.run.claim;
    this.progress ??= new ProgressWriter({ taskId, attempt }, this.parts.store);
    this.progress.report(progress);
  }

  log(level: LogLevel, message: string): void {
    this.parts.log[level]?.(`${this.run.label}: ${message}`);
    if (this.run.isDecided) return;
    this.attemptLog ??= new AttemptLog();
    this.attemptLog.add(level, message);
  }

  heldLoop(heldMs: number): void {
    this.run.heldLoopMs = heldMs;
  }

  /** Ends the run's reports. @returns what commits with its outcome */
  close(): Pick<SettledWith, 'progress' | 'log'> {
    return { progress: this.progress?.close() ?? null, log: this.attemptLog?.lines ?? null };
  }
}
