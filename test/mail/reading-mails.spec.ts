import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MailAcceptor, MailBook, MailSearch, mailStatus, type MailOutline } from '@celeriac/mail';
import { BROKER, type Broker } from '@celeriac/tasks';
import type { TestingModule } from '@nestjs/testing';
import { startMailModule } from '../fixtures/mail-module.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

const POLL_MS = 20;

describe('reading mails', () => {
  let database: TaskDatabase;
  let app: TestingModule;

  beforeAll(async () => {
    database = await createTaskDatabase();
    app = await startMailModule(database.url);
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  async function newMail(): Promise<string> {
    const form = { email: ['ann@example.com'], subject: 'Hello', msg: randomUUID() };
    return (await app.get(MailAcceptor).acceptRequest(form)).id;
  }

  async function query(sql: string, ...values: unknown[]): Promise<unknown[]> {
    return (await database.dataSource.query(sql, values)) as unknown[];
  }

  async function settle(id: string, verdict: string): Promise<void> {
    await query(`UPDATE task SET state = 'FAILURE' FROM mail WHERE mail.id = $1 AND task.id = mail.task_id`, id);
    await query(`UPDATE mail_recipient SET verdict = $2, answered_at = now() WHERE mail_id = $1`, id, verdict);
  }

  it.each<[what: string, read: (id: string) => Promise<MailOutline | null | undefined>]>([
    ['one', (id) => app.get(MailBook).find(id)],
    ['a list', async () => (await app.get(MailSearch).page({}, 1)).records[0]],
  ])('shows %s as of one moment: not as failed when it is sent again meanwhile', async (_what, read) => {
    const id = await newMail();
    await settle(id, 'uncertain');
    const resend = database.dataSource.createQueryRunner();
    await resend.startTransaction();
    await resend.query(`LOCK TABLE mail_recipient IN ACCESS EXCLUSIVE MODE`);
    const reading = read(id);
    // The mail has been read; its recipients have not.
    while ((await query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'mail_recipient'::regclass`)).length < 1)
      await sleep(POLL_MS);
    await resend.query(`UPDATE mail SET task_id = $2, earlier_task_ids = ARRAY[task_id] WHERE id = $1`, [
      id,
      randomUUID(),
    ]);
    await resend.query(`UPDATE mail_recipient SET verdict = NULL WHERE mail_id = $1`, [id]);
    await resend.commitTransaction();
    await resend.release();
    const record = await reading;
    expect(record?.mail.id).toBe(id);
    expect(record && mailStatus(record).state).toBe('uncertain');
  });

  it('says in the fingerprint how far a mail is, and apart from it why it waits', async () => {
    const book = app.get(MailBook);
    const [id, settled] = [await newMail(), await newMail()];
    await settle(settled, 'accepted');
    const fingerprint = async (): Promise<string | undefined> => (await book.fingerprints([id])).get(id);
    const before = await fingerprint();
    await query(
      `INSERT INTO worker (id, name, pid, queues, lease_until)
       VALUES (gen_random_uuid(), 'w', 1, '{mail}', now() + interval '1 hour')`,
    );
    app.get<Broker>(BROKER).consume({ queue: 'mail', prefetch: 1, onDelivery: () => undefined });
    expect(await book.waiting([id, settled])).toEqual(new Map([[id, expect.objectContaining({ reason: 'in_line' })]]));
    await query(`DELETE FROM worker`);
    expect(await book.waiting([id, settled])).toEqual(new Map([[id, { reason: 'no_worker' }]]));
    expect(await fingerprint()).toBe(before);
    await settle(id, 'refused');
    expect(await fingerprint()).not.toBe(before);
    expect(await book.waiting([id])).toEqual(new Map());
  });
});
