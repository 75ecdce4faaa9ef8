import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComposedMail } from '../compose/compose-mail.js';
import type { MailTransport, SendReport } from './mail-transport.js';
import { renderMail } from './render-mail.js';

/** Writes each mail into a folder, as an `.eml` file named after its Message-ID. */
export class FileTransport implements MailTransport {
  constructor(private readonly folder: string) {}

  async send(mail: ComposedMail, beforeBody: () => Promise<void>): Promise<SendReport> {
    const text = await renderMail(mail);
    await mkdir(this.folder, { recursive: true });
    const file = join(this.folder, `${mail.messageId.replace(/[<>]/g, '')}.eml`);
    await beforeBody();
    // Under its own name only when it is whole.
    await writeFile(`${file}.part`, text);
    await rename(`${file}.part`, file);
    return { accepted: mail.to, rejected: [], reply: `Written to ${file}.` };
  }

  async close(): Promise<void> {}
}
