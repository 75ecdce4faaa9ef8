import type { TaskEntity } from '../../store/entities/task.entity.js';
import { revokedLetters, type RevokeOutcome } from '../../store/revokes.js';
import { isUnfinished, isWaiting, type MemoryRows } from './memory-rows.js';

/** Ends a task that waits, and tells who waits for its result; remembers the revoke of one that has not ended. */
export function revokeTask(rows: MemoryRows, taskId: string, remembered: { terminate: boolean } | null): RevokeOutcome {
  const task = rows.tasks.get(taskId);
  const outcome = task === undefined ? 'unknown' : outcomeOf(rows, task);
  if (task !== undefined && outcome === 'revoked') {
    Object.assign(task, { state: 'REVOKED', finishedAt: new Date(rows.now()), waitReason: null, dueAt: null });
    for (const { id } of rows.outboxOf(taskId)) rows.outbox.delete(id);
    for (const letter of revokedLetters([{ taskId, outcome, envelope: task.envelope }])) rows.addLetter(letter);
  } else if (remembered !== null && outcome !== 'ended') {
    const known = rows.revokes.get(taskId) ?? { taskId, terminate: false, createdAt: new Date(rows.now()) };
    known.terminate ||= remembered.terminate;
    rows.revokes.set(taskId, known);
  }
  return outcome;
}

function outcomeOf(rows: MemoryRows, task: TaskEntity): RevokeOutcome {
  const isAtOthers = task.isElsewhere && task.attempt === 0 && rows.outboxOf(task.id).length === 0;
  if (isAtOthers && isUnfinished(task)) return 'elsewhere';
  if (isWaiting(task)) return 'revoked';
  return task.state === 'STARTED' ? 'running' : 'ended';
}
