import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { ClaimAnswer, ClaimRequest, ClaimVerdict, WorkerIdentity } from '../../store/task-store.js';
import { workerLost } from '../../store/worker-lost.js';
import { isHeldByAnother, judgeClaim } from './judge-claim.js';
import type { MemoryRows } from './memory-rows.js';
import { foreignRow } from './new-rows.js';
import { stateBeforeRun } from './settle.js';

/** Who claims, and when. */
export interface Claim {
  worker: WorkerIdentity;
  maxDeaths: number;
  nowMs: number;
}

/** Decides whether a worker runs the task of a delivery, and writes that down. */
export function claimTask(rows: MemoryRows, request: ClaimRequest, { worker, maxDeaths, nowMs }: Claim): ClaimAnswer {
  const { taskId, retries, foreign } = request;
  const known = rows.tasks.get(taskId);
  const task = known ?? (foreign === null ? undefined : foreignRow(taskId, retries, foreign, nowMs));
  if (task === undefined) {
    const nothing = { attempt: 1, generation: 0, deaths: 0, leaseRemainingMs: 0 };
    return { taskId, verdict: 'missing', retries, ...nothing, interruptedAfterPointOfNoReturn: false };
  }
  const { generation } = task;
  const leaseRemainingMs = rows.leaseRemainingMs(task.workerId, nowMs);
  const by = { workerId: worker.id, maxDeaths, leaseRemainingMs, isRevoked: rows.revokes.has(taskId) };
  const ruling = judgeClaim(task, request, by, nowMs);
  const slotAt = ruling === 'run' ? slotOf(rows, task, request, nowMs) : null;
  const verdict = slotAt === null ? ruling : 'rate_limited';
  rows.tasks.set(taskId, task);
  if (verdict !== 'stale' && verdict !== 'leased') {
    write(rows, task, { verdict, slotAt, workerId: worker.id, now: new Date(nowMs) });
  }
  const interruptedAfterPointOfNoReturn = rows
    .attemptsOf(taskId)
    .some(({ pointOfNoReturnAt: at, outcome }) => at !== null && (outcome === null || outcome === 'WORKER_LOST'));
  const attempt = known === undefined ? 1 : task.attempt;
  const facts = { taskId, verdict, attempt, retries: task.retries, generation, deaths: task.deaths };
  return { ...facts, leaseRemainingMs, interruptedAfterPointOfNoReturn };
}

function slotOf(rows: MemoryRows, task: TaskEntity, { rateLimit }: ClaimRequest, nowMs: number): Date | null {
  if (rateLimit === null) return null;
  const dueMs = task.dueAt?.getTime() ?? Infinity;
  const slotMs = task.waitReason === 'rate_limited' && dueMs <= nowMs ? dueMs : null;
  return rows.rates.take(rateLimit, { slotMs }, nowMs);
}

/** What a claim has decided. */
interface Decision {
  verdict: ClaimVerdict;
  slotAt: Date | null;
  workerId: string;
  now: Date;
}

function write(rows: MemoryRows, task: TaskEntity, { verdict, slotAt, workerId, now }: Decision): void {
  if (isHeldByAnother(task, workerId)) takeOver(rows, task, now);
  Object.assign(task, { workerId: null, waitReason: null, dueAt: null, finishedAt: null });
  if (verdict === 'run') {
    Object.assign(task, { state: 'STARTED', attempt: task.attempt + 1, workerId, startedAt: now, progress: null });
  } else if (slotAt !== null) {
    const generation = task.generation + 1;
    Object.assign(task, { state: stateBeforeRun(task), generation, waitReason: 'rate_limited', dueAt: slotAt });
    rows.addOutbox(task, task, slotAt);
  } else {
    Object.assign(task, { state: verdict === 'lost' ? 'FAILURE' : 'REVOKED', finishedAt: now });
    if (verdict === 'lost') task.error = workerLost(task.deaths);
  }
}

/** From a worker that has died. */
function takeOver(rows: MemoryRows, task: TaskEntity, now: Date): void {
  const id = task.workerId ?? '';
  const name = rows.workers.get(id)?.name ?? '';
  rows.noteAttempt(task, { id, name }, { finishedAt: now, outcome: 'WORKER_LOST' });
  task.deaths += 1;
}
