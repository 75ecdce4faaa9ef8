import type { ComposedMail } from '../compose/compose-mail.js';

/** A recipient that the server did not take, with its reply. */
export interface RejectedRecipient {
  address: string;
  /** The server's reply, with code, for example `550 5.1.1 No such user`. */
  reply: string;
  /** True for a 5xx: trying again cannot help. */
  permanent: boolean;
}

/** What a mail server said to a mail. */
export interface SendReport {
  /** The recipients that it took responsibility for. */
  accepted: string[];
  rejected: RejectedRecipient[];
  /** Its reply to the message, for example `250 2.0.0 Ok: queued as 12345`. */
  reply: string;
}

/** Hands mails over, to a server or wherever. */
export interface MailTransport {
  /**
   * @param beforeBody - awaited right before the first byte of the body leaves; if it throws, none does
   * @throws {@link MailNotSentError} when no recipient was accepted, or nobody knows
   */
  send(mail: ComposedMail, beforeBody: () => Promise<void>): Promise<SendReport>;
  /** Closes connections. */
  close(): Promise<void>;
}
