import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import PostalMime from 'postal-mime';
import type { ComposedMail } from '../compose/compose-mail.js';
import { ConsoleTransport } from './console.transport.js';
import { FileTransport } from './file.transport.js';
import { MemoryTransport } from './memory.transport.js';

const RULE = '-'.repeat(79);
const LOST = new Error('somebody else has the task');

const mail: ComposedMail = {
  from: 'support@example.com',
  to: ['ada@example.com', 'bob@example.com'],
  subject: 'Grüße\r\nBcc: eve@example.com 👋',
  text: `\t${'Ein langer Satz mit Umläuten und 你好. '.repeat(8)}\n.\nFrom here\n\nThank you!`,
  html: '<p>Grüße &amp; 你好</p>',
  messageId: '<mail-1@example.com>',
  date: new Date('2026-01-02T03:04:05Z'),
};

const pass = async (): Promise<void> => undefined;
const refuse = async (): Promise<never> => Promise.reject(LOST);

/** An output that keeps what is written to it. */
function paper() {
  const written: string[] = [];
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  return { written, output };
}

async function expectWholeMail(source: string): Promise<void> {
  const decoded = await PostalMime.parse(source);
  expect(decoded).toMatchObject({
    messageId: '<mail-1@example.com>',
    date: '2026-01-02T03:04:05.000Z',
    from: { address: 'support@example.com' },
    to: [{ address: 'ada@example.com' }, { address: 'bob@example.com' }],
    subject: 'Grüße Bcc: eve@example.com 👋',
  });
  expect(decoded.text?.trimEnd()).toBe(mail.text);
  expect(decoded.html?.trimEnd()).toBe(mail.html);
  expect(decoded.headers.map(({ key }) => key)).not.toContain('bcc');
}

describe('ConsoleTransport', () => {
  it('prints the whole mail with a rule of 79 dashes under it, in one piece', async () => {
    const { written, output } = paper();
    const report = await new ConsoleTransport(output).send(mail, pass);
    expect(report).toMatchObject({ accepted: mail.to, rejected: [] });
    expect(written).toHaveLength(1);
    const [source = '', ...after] = written.join('').split(`\n${RULE}\n`);
    expect(after).toEqual(['']);
    await expectWholeMail(source);
  });

  it('prints nothing when the body may not leave', async () => {
    const { written, output } = paper();
    await expect(new ConsoleTransport(output).send(mail, refuse)).rejects.toBe(LOST);
    expect(written).toEqual([]);
  });

  it('fails when the output does', async () => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    broken.on('error', () => undefined);
    await expect(new ConsoleTransport(broken).send(mail, pass)).rejects.toThrow('EPIPE');
  });
});

describe('FileTransport', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'celeriac-mails-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes the whole mail into a new folder, as an .eml file named after its Message-ID', async () => {
    const inside = join(folder, 'new', 'mails');
    const report = await new FileTransport(inside).send(mail, pass);
    expect(await readdir(inside)).toEqual(['mail-1@example.com.eml']);
    const file = join(inside, 'mail-1@example.com.eml');
    expect(report).toEqual({ accepted: mail.to, rejected: [], reply: `Written to ${file}.` });
    await expectWholeMail(await readFile(file, 'utf8'));
  });

  it('lets nobody else read its mails', async () => {
    const inside = join(folder, 'new', 'mails');
    await new FileTransport(inside).send(mail, pass);
    const rights = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    expect(await rights(inside)).toBe(0o700);
    expect(await rights(join(inside, 'mail-1@example.com.eml'))).toBe(0o600);
  });

  it('writes a mail that is sent again over itself', async () => {
    const transport = new FileTransport(folder);
    await transport.send(mail, pass);
    await transport.send(mail, pass);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('says what to mend when it cannot write', async () => {
    await writeFile(join(folder, 'a-file'), '');
    const transport = new FileTransport(join(folder, 'a-file', 'mails'));
    const advice = expect.stringContaining('EMAIL_FILE_PATH');
    await expect(transport.send(mail, pass)).rejects.toMatchObject({ reason: 'set_up', advice });
  });

  it('writes nothing when the body may not leave', async () => {
    await expect(new FileTransport(folder).send(mail, refuse)).rejects.toBe(LOST);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('MemoryTransport', () => {
  it('keeps mails in the order that they were sent, and none that may not leave', async () => {
    const transport = new MemoryTransport();
    const other = { ...mail, messageId: '<mail-2@example.com>' };
    await transport.send(mail, pass);
    await expect(transport.send(mail, refuse)).rejects.toBe(LOST);
    await transport.send(other, pass);
    expect(transport.sent).toEqual([mail, other]);
  });
});
