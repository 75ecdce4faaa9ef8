import { MailNotSentError } from './mail-not-sent.error.js';
import type { RejectedRecipient } from './mail-transport.js';

/** nodemailer's errors, as far as they are read here. */
interface SmtpError {
  message: string;
  code?: string;
  responseCode?: number;
  response?: string;
  recipient?: string;
  rejectedErrors?: SmtpError[];
}

/** @returns the server's reply to each recipient that it did not take */
export function rejectedRecipients(errors: readonly SmtpError[]): RejectedRecipient[] {
  return errors.map((error) => ({
    address: error.recipient ?? '',
    reply: replyOf(error),
    permanent: isPermanent(error),
  }));
}

/**
 * What nodemailer threw, in our words.
 *
 * @param bodyBegun - bytes of the body have left: without a reply, nobody knows whether the server has the mail
 */
export function toNotSentError(thrown: unknown, bodyBegun: boolean): MailNotSentError {
  const error = thrown as SmtpError;
  const rejected = rejectedRecipients(error.rejectedErrors ?? []);
  if (rejected.length > 0) {
    const reason = rejected.every(({ permanent }) => permanent) ? 'refused' : 'temporary';
    return new MailNotSentError(reason, rejected[0]?.reply ?? replyOf(error), rejected, { cause: thrown });
  }
  if (error.responseCode !== undefined) {
    const reason = isPermanent(error) ? 'refused' : 'temporary';
    return new MailNotSentError(reason, replyOf(error), [], { cause: thrown });
  }
  return new MailNotSentError(bodyBegun ? 'uncertain' : 'temporary', replyOf(error), [], { cause: thrown });
}

/** What a server says before it has looked at the mail: the login, the greeting, encryption (RFC 4954, RFC 3207). */
const SET_UP_CODES = new Set(['EAUTH', 'ENOAUTH', 'ETLS', 'EPROTOCOL', 'ECONNECTION']);
const SET_UP_REPLIES = new Set([530, 534, 535, 538]);

/**
 * RFC 5321, 4.2.1: 5yz is a permanent negative completion reply. One that is about our set-up is not the mail's fault:
 * the mail waits until that is mended.
 */
function isPermanent({ code, responseCode }: SmtpError): boolean {
  if (responseCode === undefined || responseCode < 500) return false;
  return !SET_UP_REPLIES.has(responseCode) && !SET_UP_CODES.has(code ?? '');
}

/** A server may say anything; Postgres's text takes no NUL. */
export function cleanReply(text: string): string {
  return text.replaceAll('\0', '').trim();
}

function replyOf(error: SmtpError): string {
  return cleanReply(error.response ?? error.message);
}
