import type { RejectedRecipient } from './mail-transport.js';

/**
 * Why a mail was not sent to those recipients of whom nothing else is known.
 *
 * - `temporary`: the server could not be reached, or said to come again (4xx).
 * - `refused`: the server refused the mail for good (5xx).
 * - `uncertain`: the link was lost after the whole body had been handed over and before the server's reply: it may
 *   have been sent.
 * - `set_up`: the server refuses us, not the mail (the login, encryption, the sender's address): no mail would get
 *   through. Always a {@link MailSetUpError}.
 */
export type NotSentReason = 'temporary' | 'refused' | 'uncertain' | 'set_up';

/** A mail was not sent, or nobody knows. The message is the server's own reply, where there is one. */
export class MailNotSentError extends Error {
  override readonly name = 'MailNotSentError';

  constructor(
    readonly reason: NotSentReason,
    reply: string,
    /** The recipients that the server had answered for before, each by itself. */
    readonly rejected: RejectedRecipient[],
    options?: ErrorOptions,
  ) {
    super(reply, options);
  }
}

/** What must be mended before any mail can be sent. */
export class MailSetUpError extends MailNotSentError {
  constructor(
    reply: string,
    /** What to do about it, for whoever runs the app. */
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super('set_up', reply, [], options);
  }
}
