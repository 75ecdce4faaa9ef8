import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComposedMail } from '../compose/compose-mail.js';
import { MailSetUpError } from './mail-not-sent.error.js';
import type { MailTransport, SendReport } from './mail-transport.js';
import { renderMail } from './render-mail.js';

/** Writes each mail into a folder, as an `.eml` file named after its Message-ID. */
export class FileTransport implements MailTransport {
  constructor(private readonly folder: string) {}

  async send(mail: ComposedMail, beforeBody: () => Promise<void>): Promise<SendReport> {
    const text = await renderMail(mail);
    await orSetUpError(mkdir(this.folder, { recursive: true }));
    const file = join(this.folder, `${mail.messageId.replace(/[<>]/g, '')}.eml`);
    await beforeBody();
    // Under its own name only when it is whole.
    await orSetUpError(writeFile(`${file}.part`, text));
    await orSetUpError(rename(`${file}.part`, file));
    return { accepted: mail.to, rejected: [], reply: `Written to ${file}.` };
  }

  async close(): Promise<void> {}
}

/** A folder that cannot be written into takes no mail at all. */
async function orSetUpError(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new MailSetUpError(problem, 'Check EMAIL_FILE_PATH, its rights and its disk.', { cause: error });
  }
}
