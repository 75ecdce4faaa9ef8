import { Readable } from 'node:stream';
import { createTransport, type MailMessage } from 'nodemailer';
import type { ComposedMail } from '../compose/compose-mail.js';
import type { MailTransport, SendReport } from './mail-transport.js';
import { NO_ACCESS } from './render-mail.js';
import { cleanReply, rejectedRecipients, toNotSentError, type SmtpError } from './smtp-errors.js';

export interface SmtpOptions {
  host: string;
  port: number;
  /** No login when empty. */
  user: string;
  password: string;
  /** `starttls`: plain at first, then TLS or nothing. `implicit`: TLS from the start. `none`: plain. */
  tls: 'none' | 'starttls' | 'implicit';
  /** Longest wait for each step of the dialogue; the whole of it may take ten times as long. */
  timeoutMs: number;
  /** Connections that are kept open. */
  maxConnections: number;
}

/** Sends over SMTP, on a pool of connections. */
export class SmtpTransport implements MailTransport {
  private readonly transporter: ReturnType<typeof createPool>;
  /** A server that keeps each step just short of its limit may not hold a worker's place for ever. */
  private readonly longestMs: number;

  constructor(options: SmtpOptions) {
    this.transporter = createPool(options);
    this.longestMs = options.timeoutMs * 10;
  }

  async send(mail: ComposedMail, beforeBody: () => Promise<void>): Promise<SendReport> {
    const handOver = new HandOver(beforeBody);
    const signal = AbortSignal.timeout(this.longestMs);
    try {
      const info = await this.transporter.sendMail({ ...mail, handOver, signal } as OwnMail);
      return {
        accepted: info.accepted.map(addressText),
        rejected: rejectedRecipients(info.rejectedErrors ?? []),
        reply: cleanReply(info.response),
      };
    } catch (error) {
      if (handOver.refusal !== undefined) throw handOver.refusal;
      const cause = signal.aborted ? new Error(`The mail server took more than ${this.longestMs / 1000} s.`) : error;
      throw toNotSentError(cause, handOver);
    }
  }

  async close(): Promise<void> {
    this.transporter.close();
  }
}

/** What nodemailer hangs the answers to RCPT on while a mail is under way. */
interface AnsweredEnvelope {
  rejectedErrors?: SmtpError[];
}

/**
 * How far the handing over of one mail is, which nodemailer's errors do not say.
 *
 * It holds the body back until that may leave: nodemailer reads the message stream only after the server has answered
 * DATA with 354, so what is awaited here lies between that answer and the first byte.
 */
class HandOver {
  /** All of the body has been handed over: the final dot comes next. */
  isBodyOut = false;
  refusal: Error | undefined;
  private envelope: AnsweredEnvelope | undefined;

  constructor(private readonly beforeBody: () => Promise<void>) {}

  /** The recipients that the server has not taken so far; its later errors name none. */
  get rejectedErrors(): SmtpError[] {
    return this.envelope?.rejectedErrors ?? [];
  }

  follow(message: FollowedMessage): void {
    message.processFunc((body) => Readable.from(this.opened(body), { objectMode: false }));
    const getEnvelope = message.getEnvelope.bind(message);
    message.getEnvelope = () => {
      const envelope = getEnvelope();
      this.envelope = envelope as AnsweredEnvelope;
      return envelope;
    };
  }

  private async *opened(body: Readable): AsyncGenerator<Buffer> {
    try {
      await this.beforeBody();
    } catch (error) {
      this.refusal = error as Error;
      throw error;
    }
    yield* body;
    this.isBodyOut = true;
  }
}

/** A mail's data as nodemailer hands it on to its plugins: with whatever else was put into it. */
type OwnMail = ComposedMail & { handOver?: HandOver };

type FollowedMessage = Pick<MailMessage['message'], 'processFunc' | 'getEnvelope'>;

function createPool({ host, port, user, password, tls, timeoutMs, maxConnections }: SmtpOptions) {
  const transporter = createTransport({
    pool: true,
    host,
    port,
    auth: user === '' ? undefined : { user, pass: password },
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    maxConnections,
    maxMessages: Infinity,
    // A mail whose connection broke is for the task's retry policy to send again, not for the pool.
    maxRequeues: 0,
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...NO_ACCESS,
  });
  transporter.use('stream', (mail, callback) => {
    (mail.data as OwnMail).handOver?.follow(mail.message);
    callback();
  });
  return transporter;
}

function addressText(recipient: string | { address: string }): string {
  return typeof recipient === 'string' ? recipient : recipient.address;
}
