import { decodeTaskMessage } from '../protocol/index.js';
import type { Letter, StoredEnvelope } from './messages.js';
import { resultLetters } from './result-letter.js';
import type { TaskEndWriters } from './task-end.js';
import type { FollowUps } from './task-store.js';

/**
 * What became of a revoke.
 *
 * - `revoked`: the task waited, and has ended.
 * - `running`: it is being run; its worker is told within about a second.
 * - `elsewhere`: its message has gone to workers that are not this app's: Celery's are not told, and may run it.
 * - `ended`: it was too late.
 * - `unknown`: there is no such task yet. It will not be run when it comes.
 */
export type RevokeOutcome = 'revoked' | 'running' | 'elsewhere' | 'ended' | 'unknown';

/** A task that was revoked while it was being run. */
export interface RevokedRun {
  taskId: string;
  /** The run is to be ended at once. */
  terminate: boolean;
}

/** What a store says of each task that is revoked. */
export interface RevokedRow {
  taskId: string;
  outcome: RevokeOutcome;
  /** Of a task that was ended. */
  envelope: StoredEnvelope | null;
  /** The same, where its end is written of. */
  body: Buffer | null;
}

/** What follows a revoke: whoever waits for the result of a task that was ended is told, and its end is written of. */
export function revokeFollowUps(row: RevokedRow, writers: TaskEndWriters | undefined): FollowUps {
  return { tasks: [], letters: revokedLetters(row), rows: endOf(row, writers) };
}

function revokedLetters({ taskId: id, envelope }: RevokedRow): Letter[] {
  const { replyTo = null, correlationId = null } = envelope?.properties ?? {};
  return resultLetters({ id, replyTo, correlationId }, { state: 'REVOKED', reason: 'revoked' });
}

function endOf({ taskId, envelope, body }: RevokedRow, writers: TaskEndWriters | undefined): FollowUps['rows'] {
  if (envelope === null || body === null) return null;
  const { name, kwargs } = decodeTaskMessage({ ...envelope, body });
  const writer = writers?.get(name);
  return writer === undefined ? null : { writer, data: { taskId, name, state: 'REVOKED', kwargs } };
}
