/** What the module of a threadHandler needs at most: each thread loads it anew, so it brings nothing else with it. */
export {
  ClaimLostError,
  PermanentTaskError,
  RetryTaskError,
  SnoozeTaskError,
  SoftTimeLimitExceeded,
  TaskRevokedError,
} from './worker/task-errors.js';
export type { ThreadTaskContext } from './worker/threads/thread-context.js';
export type { ThreadTask } from './worker/threads/thread-handler.js';
