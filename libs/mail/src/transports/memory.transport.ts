import type { ComposedMail } from '../compose/compose-mail.js';
import type { MailTransport, SendReport } from './mail-transport.js';

/** Keeps mails in memory, for tests. */
export class MemoryTransport implements MailTransport {
  readonly sent: ComposedMail[] = [];

  async send(mail: ComposedMail, beforeBody: () => Promise<void>): Promise<SendReport> {
    await beforeBody();
    this.sent.push(mail);
    return { accepted: mail.to, rejected: [], reply: 'Kept in memory.' };
  }

  async close(): Promise<void> {}
}
