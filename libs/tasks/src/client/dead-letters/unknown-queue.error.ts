/** There is no queue of that name among the app's own. */
export class UnknownQueueError extends Error {
  override readonly name = 'UnknownQueueError';

  constructor(
    readonly queue: string,
    /** The queues that there are. */
    readonly known: readonly string[],
  ) {
    super(`There is no queue named "${queue}" here: expected one of ${known.join(', ')}.`);
  }
}
