/**
 * What became of a revoke.
 *
 * - `revoked`: the task waited, and has ended.
 * - `running`: it is being run; its worker is told within about a second.
 * - `ended`: it was too late.
 * - `unknown`: there is no such task yet. It will not be run when it comes.
 */
export type RevokeOutcome = 'revoked' | 'running' | 'ended' | 'unknown';

/** A task that was revoked while it was being run. */
export interface RevokedRun {
  taskId: string;
  /** The run is to be ended at once. */
  terminate: boolean;
}
