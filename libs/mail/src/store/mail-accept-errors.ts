/** The same mail was accepted a moment ago, from another form. */
export class DuplicateMailError extends Error {
  override readonly name = 'DuplicateMailError';

  constructor(
    readonly mailId: string,
    readonly acceptedAt: Date,
  ) {
    super(`Mail ${mailId} with the same content was accepted at ${acceptedAt.toISOString()}.`);
  }
}

/** The key of a request belongs to another mail. */
export class IdempotencyKeyReusedError extends Error {
  override readonly name = 'IdempotencyKeyReusedError';

  constructor(readonly mailId: string) {
    super(`This Idempotency-Key belongs to mail ${mailId}, which has another content.`);
  }
}
