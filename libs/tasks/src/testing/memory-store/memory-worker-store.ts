import type { TaskEntity } from '../../store/entities/task.entity.js';
import type {
  ClaimAnswer,
  ClaimRequest,
  ClaimToken,
  HandBack,
  Settlement,
  WaitReason,
  WorkerIdentity,
  WorkerStore,
} from '../../store/task-store.js';
import { isHeldByAnother, judgeClaim } from './judge-claim.js';
import { isUnfinished, type MemoryRows } from './memory-rows.js';
import { MemoryTransaction } from './memory-transaction.js';
import { foreignRow } from './new-rows.js';
import { endRun, stateBeforeRun } from './settle.js';
import { wake } from './wake.js';

const DAY_MS = 86_400_000;

/** One worker's claims and outcomes in memory. */
export class MemoryWorkerStore implements WorkerStore {
  /** @param onSettled - told of each run that has ended, and of the row that it leaves */
  constructor(
    private readonly rows: MemoryRows,
    private readonly worker: WorkerIdentity,
    private readonly maxDeaths: number,
    private readonly onSettled: (settlement: Settlement, task: TaskEntity) => void,
  ) {}

  async claim(requests: ClaimRequest[]): Promise<ClaimAnswer[]> {
    return requests.map((request) => {
      const task = this.rows.tasks.get(request.taskId);
      if (task !== undefined) return this.claimKnown(task, request);
      return this.claimUnknown(request);
    });
  }

  async settle(settlement: Settlement): Promise<boolean> {
    // Before the outcome: that is written in one step then, and nobody sees the one without the other.
    if (this.held(settlement) !== undefined && settlement.rows !== null) await writeRows(settlement.rows);
    const task = this.held(settlement);
    if (task === undefined) return false;
    endRun(this.rows, task, settlement, this.worker);
    this.onSettled(settlement, task);
    return true;
  }

  async handBack({ taskId, generation, attempt, message, dueInMs, waitReason }: HandBack): Promise<boolean> {
    const task = attempt === null ? this.rows.tasks.get(taskId) : this.held({ taskId, attempt });
    if (task === undefined || task.generation !== generation || !isUnfinished(task)) return false;
    const nowMs = this.rows.now();
    const dueAt = new Date(nowMs + dueInMs);
    Object.assign(task, { generation: generation + 1, waitReason, dueAt });
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

  async wake(taskNames: readonly string[], waitReason: WaitReason): Promise<void> {
    wake(this.rows, taskNames, waitReason);
  }

  async forgetDeadWorkers(): Promise<void> {
    const nowMs = this.rows.now();
    for (const { id, leaseUntil } of this.rows.workers.values()) {
      if (leaseUntil.getTime() < nowMs - DAY_MS) this.rows.workers.delete(id);
    }
  }

  async renewLease(leaseMs: number): Promise<void> {
    const nowMs = this.rows.now();
    const startedAt = this.rows.workers.get(this.worker.id)?.startedAt ?? new Date(nowMs);
    this.rows.workers.set(this.worker.id, { ...this.worker, startedAt, leaseUntil: new Date(nowMs + leaseMs) });
  }

  async close(): Promise<void> {}

  private held({ taskId, attempt }: ClaimToken): TaskEntity | undefined {
    const task = this.rows.tasks.get(taskId);
    const isHeld = task?.state === 'STARTED' && task.workerId === this.worker.id && task.attempt === attempt;
    return isHeld ? task : undefined;
  }

  private claimKnown(task: TaskEntity, request: ClaimRequest): ClaimAnswer {
    const nowMs = this.rows.now();
    const leaseRemainingMs = this.rows.leaseRemainingMs(task.workerId, nowMs);
    const by = { workerId: this.worker.id, maxDeaths: this.maxDeaths, leaseRemainingMs };
    const verdict = judgeClaim(task, request, by, nowMs);
    if (verdict === 'run' || verdict === 'expired' || verdict === 'lost') this.change(task, verdict, new Date(nowMs));
    const { id: taskId, attempt, retries, generation, deaths } = task;
    const interruptedAfterPointOfNoReturn = this.rows
      .attemptsOf(taskId)
      .some(({ pointOfNoReturnAt: at, outcome }) => at !== null && (outcome === null || outcome === 'WORKER_LOST'));
    const facts = { taskId, attempt, retries, generation, deaths };
    return { ...facts, verdict, leaseRemainingMs, interruptedAfterPointOfNoReturn };
  }

  private change(task: TaskEntity, verdict: 'run' | 'expired' | 'lost', now: Date): void {
    if (isHeldByAnother(task, this.worker.id)) {
      const id = task.workerId ?? '';
      const name = this.rows.workers.get(id)?.name ?? '';
      this.rows.noteAttempt(task, { id, name }, { finishedAt: now, outcome: 'WORKER_LOST' });
      task.deaths += 1;
    }
    Object.assign(task, { workerId: null, waitReason: null, dueAt: null });
    if (verdict === 'run') {
      const attempt = task.attempt + 1;
      Object.assign(task, { state: 'STARTED', attempt, workerId: this.worker.id, startedAt: now, finishedAt: null });
    } else if (verdict === 'expired') {
      Object.assign(task, { state: 'REVOKED', finishedAt: now });
    } else {
      const message = `Workers that died or stopped while running it: ${task.deaths}`;
      Object.assign(task, {
        state: 'FAILURE',
        error: { type: 'WorkerLostError', message, stack: null },
        finishedAt: now,
      });
    }
  }

  private claimUnknown({ foreign, ...request }: ClaimRequest): ClaimAnswer {
    const { taskId, retries } = request;
    const facts = { taskId, retries, attempt: 1, generation: 0, deaths: 0 };
    const base = { ...facts, leaseRemainingMs: 0, interruptedAfterPointOfNoReturn: false };
    if (foreign === null) return { ...base, verdict: 'missing' };
    const row = foreignRow({ ...request, foreign }, this.worker.id, this.rows.now());
    this.rows.tasks.set(taskId, row);
    return { ...base, verdict: row.state === 'STARTED' ? 'run' : 'expired' };
  }
}

async function writeRows({ writer, data }: NonNullable<Settlement['rows']>): Promise<void> {
  const transaction = new MemoryTransaction();
  await writer.write(transaction.asManager(), [data]);
  transaction.commit();
}
