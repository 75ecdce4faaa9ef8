import type { Letter, StoredEnvelope } from './messages.js';
import { resultLetters } from './result-letter.js';

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
}

/** Tells who waits for the results of tasks that were ended. */
export function revokedLetters(rows: readonly RevokedRow[]): Letter[] {
  return rows.flatMap(({ taskId: id, envelope }) => {
    const { replyTo = null, correlationId = null } = envelope?.properties ?? {};
    return resultLetters({ id, replyTo, correlationId }, { state: 'REVOKED', reason: 'revoked' });
  });
}
