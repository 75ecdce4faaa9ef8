import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { ClaimRequest, ClaimVerdict } from '../../store/task-store.js';
import { isUnfinished } from './memory-rows.js';

/** Who asks, and what stands in the way. */
export interface Claimant {
  workerId: string;
  maxDeaths: number;
  /** Of the worker that holds the task. */
  leaseRemainingMs: number;
  isRevoked: boolean;
}

/** What Postgres's claim says to a request, but for its rate: the same cases in the same order. */
export function judgeClaim(task: TaskEntity, request: ClaimRequest, by: Claimant, nowMs: number): ClaimVerdict {
  if (!isUnfinished(task) || !isNewest(task, request)) return 'stale';
  const isOthers = isHeldByAnother(task, by.workerId);
  const isLeased = task.state === 'STARTED' && by.leaseRemainingMs > 0;
  if (isLeased && (isOthers || request.isRunning)) return 'leased';
  if (task.expiresAt !== null && task.expiresAt.getTime() <= nowMs) return 'expired';
  if (by.isRevoked) return 'revoked';
  if (isOthers && (task.deaths + 1 >= by.maxDeaths || !request.mayRunAgain)) return 'lost';
  return 'run';
}

export function isHeldByAnother({ state, workerId }: TaskEntity, asking: string): boolean {
  return state === 'STARTED' && workerId !== asking;
}

/** A foreign message has no generation; its retries tell it apart from what its task was continued with. */
function isNewest(task: TaskEntity, { generation, retries }: ClaimRequest): boolean {
  if (generation === null) return task.generation === 0 && retries === task.retries;
  return generation === task.generation;
}
