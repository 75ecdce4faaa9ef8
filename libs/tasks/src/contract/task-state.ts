/**
 * The states of a task; Celery's, and no others.
 *
 * - `PENDING`: accepted, not yet run. The claim moves it on.
 * - `STARTED`: a worker holds the claim. Its settle moves it on; if the worker dies, the next claim does.
 * - `RETRY`: failed, and will be tried again at `due_at`.
 * - `SUCCESS`, `FAILURE`, `REVOKED`: ended.
 */
export type TaskState = 'PENDING' | 'STARTED' | 'RETRY' | EndState;

/** The states that a task does not leave again. */
export type EndState = (typeof END_STATES)[number];

export const END_STATES = ['SUCCESS', 'FAILURE', 'REVOKED'] as const;

/** @returns whether a task in this state has ended */
export function isEndState(state: unknown): state is EndState {
  return (END_STATES as readonly unknown[]).includes(state);
}
