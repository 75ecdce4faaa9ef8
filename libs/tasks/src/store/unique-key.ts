import type { EndState } from '../contract/task-state.js';

/** A key that one task at a time can hold. */
export interface UniqueKey {
  /** A hash. */
  key: Buffer;
  /** For how long it is held at most. */
  forMs: number;
  /** Ends after which it is held too. A task that has not ended holds it in any case. */
  endStates: readonly EndState[];
}
