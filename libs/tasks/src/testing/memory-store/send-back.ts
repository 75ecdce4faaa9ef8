import type { ReturnedLetter, SendBackVerdict } from '../../store/dead-letter-store.js';
import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { UniqueKey } from '../../store/unique-key.js';
import { isUnfinished, stored, type MemoryRows } from './memory-rows.js';

/** Sends a dead letter back if it may go: what Postgres does in `store/postgres/send-back.ts`. */
export function sendBack(rows: MemoryRows, letter: ReturnedLetter): SendBackVerdict {
  const { message, unique } = letter;
  const task = rows.tasks.get(letter.task?.id ?? '');
  const now = new Date(rows.now());
  const ruling = task === undefined ? 'sent' : judge(rows, task, letter, now);
  const isHeld = unique !== null && isHeldByAnother(rows, unique, letter.task?.id, now);
  if (ruling === 'sent' && isHeld) return 'duplicate';
  if (ruling !== 'sent') return ruling;
  if (unique !== null && letter.task !== null) {
    const until = new Date(now.getTime() + unique.forMs);
    rows.keys.set(unique.key.toString('hex'), { key: unique.key, taskId: letter.task.id, until });
  }
  if (task === undefined) rows.addLetter({ message, mandatory: true });
  else moveOn(rows, task, letter, now);
  return 'sent';
}

function judge(rows: MemoryRows, task: TaskEntity, letter: ReturnedLetter, now: Date): SendBackVerdict {
  const { state, expiresAt } = task;
  if (isOld(task, letter) || state === 'STARTED' || state === 'SUCCESS') return 'stale';
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  return state === 'REVOKED' || rows.revokes.has(task.id) ? 'revoked' : 'sent';
}

/** By its generation, or, of another producer's message, by its retries. */
function isOld(row: TaskEntity, { task }: ReturnedLetter): boolean {
  if (task === null || task.generation === null) return row.generation > 0 || task?.retries !== row.retries;
  return task.generation !== row.generation;
}

function isHeldByAnother(rows: MemoryRows, { key, endStates }: UniqueKey, taskId: string | undefined, now: Date) {
  const held = rows.keys.get(key.toString('hex'));
  if (held === undefined || held.taskId === taskId || held.until <= now) return false;
  const holder = rows.tasks.get(held.taskId);
  return holder === undefined || isUnfinished(holder) || endStates.some((state) => state === holder.state);
}

function moveOn(rows: MemoryRows, task: TaskEntity, { message }: ReturnedLetter, now: Date): void {
  const fresh = {
    state: 'PENDING',
    retries: 0,
    deaths: 0,
    result: null,
    error: null,
    isDeadLettered: false,
    progress: null,
    waitReason: null,
  };
  const generation = task.generation + 1;
  Object.assign(task, stored(message), fresh, { generation, dueAt: now, finishedAt: null, sentBackAt: now });
  rows.addOutbox(message, task, now);
}
