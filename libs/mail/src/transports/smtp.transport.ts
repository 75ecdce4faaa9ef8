import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { ComposedMail } from '../compose/compose-mail.js';
import type { MailTransport, SendReport } from './mail-transport.js';
import { NO_ACCESS } from './render-mail.js';
import { keepAnswersToRecipients } from './smtp-connection-patch.js';
import { cleanReply, rejectedRecipients, toNotSentError } from './smtp-errors.js';

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

keepAnswersToRecipients();

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
    const gate = new BodyGate(beforeBody);
    const signal = AbortSignal.timeout(this.longestMs);
    try {
      const info = await this.transporter.sendMail({ ...mail, bodyGate: gate, signal } as GatedMail);
      return {
        accepted: info.accepted.map(addressText),
        rejected: rejectedRecipients(info.rejectedErrors ?? []),
        reply: cleanReply(info.response),
      };
    } catch (error) {
      if (gate.refusal !== undefined) throw gate.refusal;
      const cause = signal.aborted ? new Error(`The mail server took more than ${this.longestMs / 1000} s.`) : error;
      throw toNotSentError(cause, gate.isBodyOut);
    }
  }

  async close(): Promise<void> {
    this.transporter.close();
  }
}

/**
 * Holds the body back until it may leave. nodemailer reads the message stream only after the server has answered DATA
 * with 354, so what is awaited here lies between that answer and the first byte.
 */
class BodyGate {
  /** All of it has been handed over: the final dot comes next. */
  isBodyOut = false;
  refusal: Error | undefined;

  constructor(private readonly beforeBody: () => Promise<void>) {}

  wrap(body: Readable): Readable {
    return Readable.from(this.opened(body), { objectMode: false });
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
type GatedMail = ComposedMail & { bodyGate?: BodyGate };

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
    const gate = (mail.data as GatedMail).bodyGate;
    if (gate !== undefined) mail.message.processFunc((body) => gate.wrap(body));
    callback();
  });
  return transporter;
}

function addressText(recipient: string | { address: string }): string {
  return typeof recipient === 'string' ? recipient : recipient.address;
}
