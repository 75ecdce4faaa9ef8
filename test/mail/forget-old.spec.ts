import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  MailAcceptor,
  MailActionRefusedError,
  MailDecisions,
  MailRetention,
  MailSearch,
  type Forgotten,
} from '@celeriac/mail';
import { MailDesk, type MadeMail } from '../fixtures/mail-desk.js';

const DAY_MS = 86_400_000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);
const OLD = daysAgo(31);
const OLDER = daysAgo(366);

describe('forgetting old mails', () => {
  let desk: MailDesk;

  beforeAll(async () => {
    desk = await MailDesk.open({ textRetentionDays: 30, retentionDays: 365 });
  });

  beforeEach(() => desk.clear());
  afterAll(() => desk.close());

  function forget(change: { signal?: AbortSignal; budgetMs?: number; onProgress?: (all: Forgotten) => void } = {}) {
    const { signal = new AbortController().signal, budgetMs = 60_000, onProgress = () => undefined } = change;
    return desk.app.get(MailRetention).forget({ signal, budgetMs, onProgress });
  }

  async function count(table: string): Promise<number> {
    const [row] = await desk.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`);
    return row?.count ?? -1;
  }

  it('removes the text after 30 days, wherever it is, and leaves what became of the mail', async () => {
    const id = await desk.make({ state: 'FAILURE', verdicts: ['accepted', 'refused'], ended: OLD, error: '550 no' });
    const young = await desk.make({ ended: daysAgo(29) });
    const [{ text } = { text: '' }] = await desk.query<{ text: string }>(
      'SELECT message AS text FROM mail WHERE id = $1',
      id,
    );
    const holders = (): Promise<unknown[]> =>
      desk.query(
        `SELECT FROM task WHERE position($1::bytea IN body) > 0 OR envelope::text LIKE '%' || $2 || '%'`,
        Buffer.from(text),
        text,
      );
    expect(await holders()).toHaveLength(1);
    const before = await desk.status(id);

    expect(await forget()).toEqual({ deleted: 0, emptied: 1, isDone: true });

    const record = await desk.find(id);
    expect(record?.mail).toMatchObject({ subject: 'Hello', message: null, textRemovedAt: expect.any(Date) });
    expect(record?.task?.error?.message).toBe('550 no');
    expect(await holders()).toEqual([]);
    expect(await desk.status(id)).toEqual({ ...before, actions: [] });
    expect((await desk.find(young))?.mail.message).toEqual(expect.any(String));
    expect(await forget()).toEqual({ deleted: 0, emptied: 0, isDone: true });
  });

  it('does not send a mail again that has no text, and finds it all the same', async () => {
    const id = await desk.make({ state: 'FAILURE', verdicts: [null], ended: OLD });
    await forget();
    const refused = await desk.app
      .get(MailDecisions)
      .resend(id)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MailActionRefusedError);
    expect((refused as Error).message).toBe('The text of the mail was removed. Write a new one.');
    const { records } = await desk.app.get(MailSearch).page({ text: 'hello', state: 'failed' }, 10);
    expect(records.map(({ mail }) => mail.id)).toEqual([id]);
  });

  it('deletes a mail after 365 days, with everything that is its, and nothing else', async () => {
    const id = await desk.make({ state: 'FAILURE', verdicts: ['uncertain', 'accepted'], ended: OLDER });
    await desk.app.get(MailDecisions).resend(id);
    await desk.query(`UPDATE task SET state = 'SUCCESS', finished_at = $1`, OLDER);
    await desk.query(`UPDATE mail_recipient SET verdict = 'accepted', answered_at = $1`, OLDER);
    await desk.query(
      `INSERT INTO task_attempt (task_id, number, worker_id, worker_name) SELECT id, 1, gen_random_uuid(), 'w' FROM task`,
    );
    await desk.query(`INSERT INTO mail_event VALUES (gen_random_uuid(), $1, 'mail.sent', now(), '[]', NULL)`, id);
    await desk.query('TRUNCATE outbox');
    const other = await desk.make({ ended: OLD });
    expect([await count('task'), await count('task_attempt')]).toEqual([3, 2]);

    expect(await forget()).toEqual({ deleted: 1, emptied: 1, isDone: true });

    expect(await desk.find(id)).toBeNull();
    expect(await desk.status(other)).toMatchObject({ state: 'sent' });
    const left = { mail: 1, mail_recipient: 1, mail_event: 0, task: 1, task_attempt: 0 };
    for (const [table, rows] of Object.entries(left)) expect([table, await count(table)]).toEqual([table, rows]);
  });

  it.each<[what: string, mail: MadeMail]>([
    ['waits', { state: 'PENDING', verdicts: [null] }],
    ['is under way', { state: 'STARTED', verdicts: [null] }],
    ['is under way, though all is decided', { state: 'STARTED', verdicts: ['accepted'] }],
    ['is to be tried again', { state: 'RETRY', verdicts: ['accepted', null] }],
    ['is held for a decision', { state: 'FAILURE', verdicts: ['accepted', 'uncertain'] }],
    ['has ended only lately', { ended: daysAgo(1), accepted: OLDER }],
  ])('leaves a mail alone that %s, however old', async (_what, mail) => {
    const id = await desk.make({ accepted: OLDER, ended: OLDER, ...mail });
    const before = await desk.find(id);
    expect(await forget()).toEqual({ deleted: 0, emptied: 0, isDone: true });
    expect(await desk.find(id)).toEqual(before);
  });

  it('leaves a mail alone of whose last run nobody heard: its worker died while it was being handed over', async () => {
    const id = await desk.make({ state: 'FAILURE', verdicts: [null], ended: OLDER });
    await desk.query(
      `INSERT INTO task_attempt (task_id, number, worker_id, worker_name, point_of_no_return_at, outcome)
       SELECT task_id, 1, gen_random_uuid(), 'w', now(), 'WORKER_LOST' FROM mail`,
    );
    expect(await forget()).toMatchObject({ deleted: 0, emptied: 0 });
    expect(await desk.status(id)).toMatchObject({ state: 'uncertain' });
  });

  it('counts from the decision when somebody has decided', async () => {
    const id = await desk.make({ state: 'FAILURE', verdicts: ['uncertain'], ended: OLDER });
    await desk.app.get(MailDecisions).confirmArrived(id);
    expect(await forget()).toMatchObject({ deleted: 0, emptied: 0 });
    await desk.query('UPDATE mail_recipient SET answered_at = $1', OLD);
    expect(await forget()).toMatchObject({ deleted: 0, emptied: 1 });
  });

  it('leaves a mail that somebody decides on at the moment to the next night', async () => {
    const id = await desk.make({ state: 'FAILURE', verdicts: ['refused'], ended: OLDER });
    await desk.database.dataSource.transaction(async (manager) => {
      await manager.query('SELECT FROM mail WHERE id = $1 FOR UPDATE', [id]);
      expect(await forget()).toMatchObject({ deleted: 0, emptied: 0 });
    });
    expect(await forget()).toMatchObject({ deleted: 1 });
  });

  it('goes batch by batch, says how far it is, and goes on where a run has ended', async () => {
    await desk.make({ ended: OLDER });
    await desk.query(`
      WITH made AS (
        INSERT INTO mail (id, task_id, idempotency_key, subject, message, created_at)
        SELECT (substr(mail.id::text, 1, 19) || '8' || substr(md5(n::text), 1, 3) || '-' || substr(md5(n::text), 4, 12))::uuid,
               'none-' || n, 'key-' || n, 'Hello', 'text', mail.created_at
        FROM mail, generate_series(1, 2500) n RETURNING id)
      INSERT INTO mail_recipient (mail_id, position, address, verdict, answered_at)
      SELECT id, 0, 'a@b.example', 'accepted', '${OLDER.toISOString()}' FROM made`);

    const told: number[] = [];
    const stopping = new AbortController();
    const stop = ({ deleted }: Forgotten): void => {
      told.push(deleted);
      stopping.abort(new Error('The worker stops.'));
    };
    await expect(forget({ signal: stopping.signal, onProgress: stop })).rejects.toThrow('The worker stops.');
    expect([told, await count('mail')]).toEqual([[1000], 1501]);

    const short = { budgetMs: -1, onProgress: ({ deleted }: Forgotten) => told.push(deleted) };
    expect(await forget(short)).toEqual({ deleted: 0, emptied: 0, isDone: false });
    expect(await forget({ ...short, budgetMs: 60_000 })).toEqual({ deleted: 1501, emptied: 0, isDone: true });
    expect([told.slice(0, 3), await count('mail'), await count('mail_recipient')]).toEqual([[1000, 1000, 1501], 0, 0]);
  });

  it('knows a key as long as its mail: without its text too, and no longer when it is deleted', async () => {
    const form = { email: ['ann@example.com'], subject: 'Hello', msg: 'The same' };
    const acceptor = desk.app.get(MailAcceptor);
    const accept = async (): Promise<unknown[]> => [
      await acceptor.acceptRequest(form, 'key'),
      await acceptor.acceptForm(form, 'form', true),
    ];
    const [request, ofForm] = (await accept()) as Array<{ id: string }>;
    const ages = (ended: Date): Promise<unknown> =>
      Promise.all([
        desk.query(`UPDATE task SET state = 'SUCCESS', finished_at = $1`, ended),
        desk.query(`UPDATE mail_recipient SET verdict = 'accepted', answered_at = $1`, ended),
      ]);
    // Their ids are of today, so they are looked at as if today were past.
    await desk.query(`UPDATE mail SET id = overlay(id::text placing '0000' from 1 for 4)::uuid`);
    await desk.query(`UPDATE mail_recipient SET mail_id = overlay(mail_id::text placing '0000' from 1 for 4)::uuid`);
    await ages(OLD);
    expect(await forget()).toMatchObject({ emptied: 2 });
    const same = ({ id }: { id: string } = { id: '' }) => ({ id: `0000${id.slice(4)}`, fresh: false });
    expect(await accept()).toMatchObject([same(request), same(ofForm)]);
    await expect(acceptor.acceptRequest({ ...form, msg: 'Another' }, 'key')).rejects.toThrow(/another content/);

    await ages(OLDER);
    expect(await forget()).toMatchObject({ deleted: 2 });
    expect(await accept()).toMatchObject([{ fresh: true }, { fresh: true }]);
  });

  it('shows of a mail whose task somebody has deleted what servers and people have said', async () => {
    const told = await desk.make({ verdicts: ['accepted', 'arrived'], ended: OLD });
    const open = await desk.make({ state: 'REVOKED', verdicts: [null], ended: OLD });
    await desk.query('DELETE FROM task');
    expect((await desk.status(told)).recipients.map(({ state }) => state)).toEqual(['sent', 'arrived']);
    expect(await desk.status(open)).toMatchObject({ state: 'failed', settled: true });
    expect(await forget()).toEqual({ deleted: 0, emptied: 2, isDone: true });
  });

  it('forgets nothing that is to be kept for ever', async () => {
    const { dataSource } = desk.database;
    const forEver = new MailRetention(dataSource, { textRetentionDays: null, retentionDays: null, timeZone: 'UTC' });
    await desk.make({ ended: new Date('2001-01-01') });
    const run = { signal: new AbortController().signal, budgetMs: 1000, onProgress: () => undefined };
    expect(await forEver.forget(run)).toEqual({ deleted: 0, emptied: 0, isDone: true });
  });

  it('leaves the mails of yesterday to the digest, also with a retention of one day', async () => {
    const { dataSource } = desk.database;
    const oneDay = new MailRetention(dataSource, { textRetentionDays: 1, retentionDays: 1, timeZone: 'UTC' });
    const [{ midnight } = { midnight: new Date() }] = await desk.query<{ midnight: Date }>(
      `SELECT (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '1 day') AT TIME ZONE 'UTC' AS midnight`,
    );
    const yesterday = await desk.make({ ended: new Date(midnight.getTime() + 1) });
    await desk.make({ ended: new Date(midnight.getTime() - 1000) });
    const run = { signal: new AbortController().signal, budgetMs: 1000, onProgress: () => undefined };
    expect(await oneDay.forget(run)).toEqual({ deleted: 1, emptied: 0, isDone: true });
    expect((await desk.find(yesterday))?.mail.message).toEqual(expect.any(String));
  });
});
