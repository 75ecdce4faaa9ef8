import { isStoreAway, SnoozeTaskError } from '@celeriac/tasks';

const PAUSE_SECONDS = 5;

/** Has a mail put off, at no cost, when the database is away: nothing was sent. */
export async function orPutOff<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!isStoreAway(error)) throw error;
    throw new SnoozeTaskError('The database cannot be reached.', PAUSE_SECONDS, { cause: error });
  }
}
