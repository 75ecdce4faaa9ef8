import type { RejectedRecipient } from './mail-transport.js';

/**
 * Why a mail was not sent.
 *
 * - `temporary`: the server could not be reached, or said to come again (4xx).
 * - `refused`: the server refused the mail for good (5xx).
 * - `uncertain`: the link was lost after the body had begun and before the server's reply: it may have been sent.
 */
export type NotSentReason = 'temporary' | 'refused' | 'uncertain';

/** A mail was not sent, or nobody knows. The message is the server's own reply, where there is one. */
export class MailNotSentError extends Error {
  override readonly name = 'MailNotSentError';

  constructor(
    readonly reason: NotSentReason,
    reply: string,
    /** Set when the server answered for each recipient. */
    readonly rejected: RejectedRecipient[],
    options?: ErrorOptions,
  ) {
    super(reply, options);
  }
}
