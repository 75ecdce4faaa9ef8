import type { RoutedMessage } from './messages.js';
import type { UniqueKey } from './unique-key.js';

/** A dead letter that is to go back to where it came from. */
export interface ReturnedLetter {
  /** As it is to be sent: without retries used up, and without a generation. */
  message: RoutedMessage;
  /** Which message of which task it was; null when it is none of a task that can be read. */
  task: { id: string; generation: number | null; retries: number } | null;
  /** That the task is to hold again. */
  unique: UniqueKey | null;
}

/**
 * What becomes of a dead letter that is to go back.
 *
 * - `sent`: it is in the outbox. A task that has a row is PENDING again, under its next generation; of one that has
 *   none, the claim makes it, as for another producer's.
 * - `stale`: its task has moved on: it was sent back before, runs, or has succeeded.
 * - `revoked`: its task was revoked. `expired`: it may not be run any more.
 * - `duplicate`: another task holds its unique key.
 * - `refused`: Postgres cannot store it.
 */
export type SendBackVerdict = 'sent' | 'stale' | 'revoked' | 'expired' | 'duplicate' | 'refused';

/** What dead letters need of a {@link TaskStore}. */
export interface DeadLetterStore {
  /** Sends each of them back if it may go, all of them in a few statements. @returns what became of each, in order */
  sendBack(letters: readonly ReturnedLetter[]): Promise<SendBackVerdict[]>;
}
