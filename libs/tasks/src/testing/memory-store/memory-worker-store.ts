import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { RevokedRun } from '../../store/revokes.js';
import type {
  ClaimAnswer,
  ClaimRequest,
  ClaimToken,
  HandBack,
  ProgressReport,
  Settlement,
  TaskProgress,
  WaitReason,
  WorkerIdentity,
  WorkerStore,
} from '../../store/task-store.js';
import { claimTask } from './claim.js';
import { follow, writeRows } from './follow-ups.js';
import { isUnfinished, type MemoryRows } from './memory-rows.js';
import { endRun, stateBeforeRun } from './settle.js';
import { wake } from './wake.js';

/** What a worker's store is told to do besides. */
export interface MemoryWorkerStoreOptions {
  maxDeaths: number;
  /** Told when messages were written that are due at once. */
  onOutbox(): void;
  /** Told of each run that has ended, and of the row that it leaves. */
  onSettled(settlement: Settlement, task: TaskEntity): void;
}

/** One worker's claims and outcomes in memory. */
export class MemoryWorkerStore implements WorkerStore {
  constructor(
    private readonly rows: MemoryRows,
    private readonly worker: WorkerIdentity,
    private readonly options: MemoryWorkerStoreOptions,
  ) {}

  async claim(requests: ClaimRequest[]): Promise<ClaimAnswer[]> {
    const claim = { worker: this.worker, maxDeaths: this.options.maxDeaths, nowMs: this.rows.now() };
    const answers = requests.map((request) => ({ request, answer: claimTask(this.rows, request, claim) }));
    for (const { request, answer } of answers) {
      const followUps = request.followUpsOf?.(answer) ?? null;
      if (followUps === null) continue;
      await follow(this.rows, followUps);
      this.options.onOutbox();
    }
    return answers.map(({ answer }) => answer);
  }

  async settle(settlement: Settlement): Promise<boolean> {
    // Before the outcome: that is written in one step then, and nobody sees the one without the other.
    if (this.held(settlement) !== undefined) await writeRows(settlement.rows);
    const task = this.held(settlement);
    if (task === undefined) return false;
    endRun(this.rows, task, settlement, this.worker);
    if (settlement.followUps !== null) await follow(this.rows, settlement.followUps);
    this.options.onSettled(settlement, task);
    if (settlement.followUps !== null || settlement.next?.dueInMs === 0) this.options.onOutbox();
    return true;
  }

  async handBack({ taskId, generation, attempt, message, dueInMs, waitReason }: HandBack): Promise<boolean> {
    const task = attempt === null ? this.rows.tasks.get(taskId) : this.held({ taskId, attempt });
    if (task === undefined || !isUnfinished(task)) return false;
    if (attempt === null && task.generation !== generation) return false;
    const nowMs = this.rows.now();
    const dueAt = new Date(nowMs + dueInMs);
    Object.assign(task, { generation: task.generation + 1, waitReason, dueAt });
    if (attempt !== null) {
      Object.assign(task, { state: stateBeforeRun(task), workerId: null });
      this.rows.changeAttempt(taskId, attempt, { finishedAt: new Date(nowMs) });
    }
    this.rows.addOutbox(message, task, dueAt);
    return true;
  }

  async passPointOfNoReturn(token: ClaimToken): Promise<boolean> {
    const task = this.held(token);
    if (task === undefined) return false;
    this.rows.noteAttempt(task, this.worker, { pointOfNoReturnAt: new Date(this.rows.now()) });
    return true;
  }

  async writeProgress(report: ProgressReport): Promise<boolean> {
    const task = this.held(report);
    if (task === undefined) return false;
    task.progress = JSON.parse(report.progress) as TaskProgress;
    return true;
  }

  async wake(taskNames: readonly string[], waitReason: WaitReason): Promise<void> {
    wake(this.rows, taskNames, waitReason);
  }

  async findRevoked(taskIds: readonly string[]): Promise<RevokedRun[]> {
    return taskIds.flatMap((taskId) => {
      const revoke = this.rows.revokes.get(taskId);
      return revoke === undefined ? [] : [{ taskId, terminate: revoke.terminate }];
    });
  }

  async forgetOld(): Promise<void> {
    this.rows.forgetOld();
  }

  async renewLease(leaseMs: number, taskIds: readonly string[] = []): Promise<void> {
    const nowMs = this.rows.now();
    const startedAt = this.rows.workers.get(this.worker.id)?.startedAt ?? new Date(nowMs);
    const leaseUntil = new Date(nowMs + leaseMs);
    this.rows.workers.set(this.worker.id, { ...this.worker, taskIds: [...taskIds], startedAt, leaseUntil });
  }

  async close(): Promise<void> {}

  private held({ taskId, attempt }: ClaimToken): TaskEntity | undefined {
    const task = this.rows.tasks.get(taskId);
    const isHeld = task?.state === 'STARTED' && task.workerId === this.worker.id && task.attempt === attempt;
    return isHeld ? task : undefined;
  }
}
