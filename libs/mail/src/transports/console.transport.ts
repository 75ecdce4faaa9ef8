import type { ComposedMail } from '../compose/compose-mail.js';
import type { MailTransport, SendReport } from './mail-transport.js';
import { renderMail } from './render-mail.js';

const RULE = '-'.repeat(79);

/** Prints each mail whole, with a rule under it, as Django's console backend does. */
export class ConsoleTransport implements MailTransport {
  constructor(private readonly output: NodeJS.WritableStream = process.stdout) {}

  async send(mail: ComposedMail, beforeBody: () => Promise<void>): Promise<SendReport> {
    const text = await renderMail(mail);
    await beforeBody();
    await new Promise<void>((resolve, reject) => {
      this.output.write(`${text.trimEnd()}\n${RULE}\n`, (error) => (error ? reject(error) : resolve()));
    });
    return { accepted: mail.to, rejected: [], reply: 'Printed on the console.' };
  }

  async close(): Promise<void> {}
}
