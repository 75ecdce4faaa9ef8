import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ComposedMail } from '../compose/compose-mail.js';
import { MailSetUpError } from './mail-not-sent.error.js';
import type { MailTransport, SendReport } from './mail-transport.js';
import { renderMail } from './render-mail.js';

/** Mails are for nobody else on the machine to read. */
const OWN_FOLDER = 0o700;
const OWN_FILE = 0o600;

/** Writes each mail into a folder, as an `.eml` file named after its Message-ID. */
export class FileTransport implements MailTransport {
  constructor(private readonly folder: string) {}

  async send(mail: ComposedMail, beforeBody: () => Promise<void>): Promise<SendReport> {
    const text = await renderMail(mail);
    await orSetUpError(mkdir(dirname(this.folder), { recursive: true }));
    await orSetUpError(mkdir(this.folder, { recursive: true, mode: OWN_FOLDER }));
    const file = join(this.folder, `${mail.messageId.replace(/[<>]/g, '')}.eml`);
    await beforeBody();
    // Under its own name only when it is whole.
    await orSetUpError(writeFile(`${file}.part`, text, { mode: OWN_FILE }));
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
