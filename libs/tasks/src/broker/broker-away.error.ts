/** The broker could not be reached, or did not confirm a message. Nothing is lost: it is still in the outbox. */
export class BrokerAwayError extends Error {
  override readonly name = 'BrokerAwayError';

  constructor(
    /** What happened, for example `no confirm within 10000 ms`. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`The broker is away: ${reason}`, options);
  }
}
