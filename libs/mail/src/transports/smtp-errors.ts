import { MailNotSentError, MailSetUpError, type NotSentReason } from './mail-not-sent.error.js';
import type { RejectedRecipient } from './mail-transport.js';
import { setUpAdvice } from './set-up-advice.js';

/** nodemailer's errors, as far as they are read here. */
export interface SmtpError {
  message: string;
  /** nodemailer's own, for example EAUTH. */
  code?: string;
  /** The system's or OpenSSL's, for example ECONNREFUSED. */
  originalCode?: string;
  /** The SMTP command that was answered; CONN for the connection. */
  command?: string;
  responseCode?: number;
  response?: string;
  recipient?: string;
}

/** Line ends, escapes for terminals, and the like. */
// oxlint-disable-next-line no-control-regex -- they are what is meant
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g;
/** More words than these of a server help nobody, and they are kept for each recipient and attempt. */
const LONGEST_REPLY = 500;

/** @returns the server's reply to each recipient that it did not take */
export function rejectedRecipients(errors: readonly SmtpError[]): RejectedRecipient[] {
  return errors.map((error) => ({
    address: error.recipient ?? '',
    reply: replyOf(error),
    permanent: isRecipientRefused(error),
  }));
}

/** How far a mail had got. */
export interface Progress {
  /**
   * The whole body was handed over, so its final dot may have left: without a reply to it, nobody knows whether the
   * server has the mail. Before that, the server cannot have it.
   */
  isBodyOut: boolean;
  /** The recipients that the server had not taken. */
  rejectedErrors: readonly SmtpError[];
}

/** What nodemailer threw, in our words. */
export function toNotSentError(thrown: unknown, { isBodyOut, rejectedErrors }: Progress): MailNotSentError {
  const error = thrown as SmtpError;
  const reply = replyOf(error);
  const options = { cause: thrown };
  const advice = isBodyOut && !isNegative(error.responseCode) ? null : setUpAdvice(error);
  if (advice !== null) return new MailSetUpError(reply, advice, options);
  return new MailNotSentError(reasonOf(error, isBodyOut), reply, rejectedRecipients(rejectedErrors), options);
}

function reasonOf({ responseCode }: SmtpError, isBodyOut: boolean): NotSentReason {
  if (isNegative(responseCode)) return isPermanent(responseCode) ? 'refused' : 'temporary';
  return isBodyOut ? 'uncertain' : 'temporary';
}

/**
 * A server may say anything, at any length. Its words go into logs, pages and Postgres, which takes no NUL and no half
 * of a surrogate pair.
 */
export function cleanReply(text: string): string {
  const clean = text.replace(CONTROLS, ' ').trim();
  return (clean.length > LONGEST_REPLY ? `${clean.slice(0, LONGEST_REPLY)}…` : clean).toWellFormed();
}

/** 4yz and 5yz (RFC 5321, 4.2.1). Anything else is no answer to what was asked. */
function isNegative(responseCode: number | undefined): responseCode is number {
  return responseCode !== undefined && responseCode >= 400 && responseCode < 600;
}

/** 503 says that the session got out of step: on a new connection the same mail can get through. */
function isPermanent(responseCode: number): boolean {
  return responseCode >= 500 && responseCode !== 503;
}

/** Too many recipients at a time (552, unless it says that the mailbox is full) means 452: RFC 5321, 4.5.3.1.10. */
function isRecipientRefused({ responseCode, response = '' }: SmtpError): boolean {
  if (!isNegative(responseCode) || !isPermanent(responseCode)) return false;
  return responseCode !== 552 || /\b5\.2\.\d/.test(response);
}

function replyOf(error: SmtpError): string {
  return cleanReply(error.response ?? error.message);
}
