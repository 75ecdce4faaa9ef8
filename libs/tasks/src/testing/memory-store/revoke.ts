import type { TaskEntity } from '../../store/entities/task.entity.js';
import { revokeFollowUps, type RevokeOutcome } from '../../store/revokes.js';
import type { TaskEndWriters } from '../../store/task-end.js';
import type { FollowUps } from '../../store/task-store.js';
import { isUnfinished, isWaiting, type MemoryRows } from './memory-rows.js';

/** What became of a revoke, and what follows from it. */
interface Revoked {
  outcome: RevokeOutcome;
  /** Null unless the task was ended. */
  followUps: FollowUps | null;
}

/** Ends a task that waits; remembers the revoke of one that has not ended. */
export function revokeTask(
  rows: MemoryRows,
  taskId: string,
  remembered: { terminate: boolean } | null,
  writers?: TaskEndWriters,
): Revoked {
  const task = rows.tasks.get(taskId);
  const outcome = task === undefined ? 'unknown' : outcomeOf(rows, task);
  if (task !== undefined && outcome === 'revoked') {
    Object.assign(task, { state: 'REVOKED', finishedAt: new Date(rows.now()), waitReason: null, dueAt: null });
    for (const { id } of rows.outboxOf(taskId)) rows.outbox.delete(id);
    const { name, envelope } = task;
    const body = writers?.has(name) === true ? task.body : null;
    return { outcome, followUps: revokeFollowUps({ taskId, outcome, envelope, body }, writers) };
  }
  if (remembered !== null && outcome !== 'ended') {
    const known = rows.revokes.get(taskId) ?? { taskId, terminate: false, createdAt: new Date(rows.now()) };
    known.terminate ||= remembered.terminate;
    rows.revokes.set(taskId, known);
  }
  return { outcome, followUps: null };
}

function outcomeOf(rows: MemoryRows, task: TaskEntity): RevokeOutcome {
  const isAtOthers = task.isElsewhere && task.attempt === 0 && rows.outboxOf(task.id).length === 0;
  if (isAtOthers && isUnfinished(task)) return 'elsewhere';
  if (isWaiting(task)) return 'revoked';
  return task.state === 'STARTED' ? 'running' : 'ended';
}
