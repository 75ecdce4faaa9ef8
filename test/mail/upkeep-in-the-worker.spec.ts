import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ScheduleBook } from '@celeriac/schedule';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import { startMailBeat } from '../fixtures/mail-beat.js';

const DIGEST_TO = 'boss@example.com';

/** From the entry in the database to the mail in the catcher, through a real worker. */
describe('the periodic tasks of the mail app', () => {
  let app: MailApp;
  let worker: AppProcess;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startWeb();
    worker = await app.startWorker({ DIGEST_TO, PUBLIC_URL: 'https://mails.example/' });
  });

  afterEach(() => {
    app.catcher.script = {};
  });

  afterAll(() => app.stop());

  /** A process with beat, as the settings have it. */
  async function withBeat<Result>(
    settings: Record<string, string>,
    use: (book: ScheduleBook) => Promise<Result>,
  ): Promise<Result> {
    const beat = await startMailBeat(app, settings);
    try {
      return await use(beat.get(ScheduleBook));
    } finally {
      await beat.close();
    }
  }

  /** Sends an entry's task now, and waits for its end. @returns what it says of what it has done */
  async function run(entry: string): Promise<unknown> {
    const taskId = await withBeat({ DIGEST_TO }, (book) => book.runNow(entry));
    const { state, result } = await app.until<{ state: string; result: unknown }>(
      'SELECT state, result FROM task WHERE id = $1 AND finished_at IS NOT NULL',
      taskId,
    );
    expect(state).toBe('SUCCESS');
    return result;
  }

  /** Has all that has ended so far have ended, and been written, so many days ago. */
  async function age(days: number): Promise<void> {
    const { dataSource } = app.database;
    await dataSource.query(`UPDATE task SET finished_at = finished_at - $1 * interval '1 day'`, [days]);
    await dataSource.query(`UPDATE mail_recipient SET answered_at = answered_at - $1 * interval '1 day'`, [days]);
    await dataSource.query(`UPDATE mail SET created_at = created_at - $1 * interval '1 day'`, [days]);
  }

  it('are there as the settings have them, and are disabled when those are taken away', async () => {
    const enabled = (settings: Record<string, string>): Promise<unknown> =>
      withBeat(settings, async (book) => (await book.list()).map((entry) => [entry.name, entry.enabled]));
    const entries = (digest: boolean, retention: boolean): unknown => [
      ['mail.daily_digest', digest],
      ['mail.forget_old', retention],
      ['mail.remind_uncertain', true],
    ];
    expect(await enabled({})).toEqual(entries(false, true));
    expect(await enabled({ DIGEST_TO })).toEqual(entries(true, true));
    expect(await enabled({ MAIL_BODY_RETENTION_DAYS: '0', MAIL_RETENTION_DAYS: '0' })).toEqual(entries(false, false));
  });

  it('tell of yesterday by a mail, with links to the pages', async () => {
    const id = await app.sendForm({ subject: 'Sent yesterday' });
    await app.waitForState(id, 'sent');
    await age(1);
    expect(await run('mail.daily_digest')).toEqual({ done: expect.stringMatching(/^The digest of .* is mail /) });
    const digest = (await app.catcher.caught(2)).at(-1);
    expect(digest?.to).toEqual([DIGEST_TO]);
    expect(digest?.email.subject).toMatch(/^Mails of \d{4}-\d\d-\d\d: 1 sent$/);
    expect(digest?.email.text).toContain('- Sent yesterday');
    expect(digest?.email.text).toContain('All mails: https://mails.example/mails');
    expect(await run('mail.daily_digest')).toEqual({ done: expect.stringMatching(/^There was a digest of /) });
  });

  it('remind of a mail that is held', async () => {
    const held = app.catcher.hold('mail');
    const id = await app.sendForm({ subject: 'Held' });
    await held.reached;
    await worker.stop('SIGKILL');
    worker = await app.startWorker({ DIGEST_TO, PUBLIC_URL: 'https://mails.example/' });
    await app.waitForState(id, 'uncertain');
    await app.database.dataSource.query(`UPDATE mail_recipient SET answered_at = answered_at - interval '61 minutes'`);
    const before = app.catcher.mails.length;
    expect(await run('mail.remind_uncertain')).toEqual({ done: expect.stringMatching(/^1 held: told by mail /) });
    const reminder = (await app.catcher.caught(before + 1)).at(-1);
    expect(reminder).toMatchObject({ to: [DIGEST_TO], email: { subject: '1 mail waits for your decision' } });
    expect(reminder?.email.text).toContain(`https://mails.example/mails/${id}`);
    await app.fetch(`/api/mails/${id}/arrived`, { method: 'POST' });
  });

  it('remove a text after 30 days, and its page says so', async () => {
    const id = await app.sendForm({ subject: 'Old', msg: 'Nobody needs this any more' });
    await app.waitForState(id, 'sent');
    await age(31);
    const oldId = `0000${id.slice(4)}`;
    const { dataSource } = app.database;
    await dataSource.query('UPDATE mail SET id = $2, created_at = $3 WHERE id = $1', [
      id,
      oldId,
      new Date(Date.now() - 30.5 * 86_400_000),
    ]);
    await dataSource.query('UPDATE mail_recipient SET mail_id = $2 WHERE mail_id = $1', [id, oldId]);
    expect(await run('mail.forget_old')).toEqual({ deleted: 0, emptied: 1 });
    const page = await (await app.fetch(`/mails/${oldId}`)).text();
    expect(page).toContain('The text was removed after 30 days.');
    expect(page).not.toContain('Nobody needs this any more');
    const json = (await (await app.fetch(`/api/mails/${oldId}`)).json()) as object;
    expect(json).toMatchObject({ state: 'sent', message: null, textRemovedAt: expect.any(String) });
    const again = await app.fetch(`/api/mails/${oldId}/resend`, { method: 'POST' });
    expect(again.status).toBe(409);
  });

  it('forget all that is old, though the worker is killed in the middle, and mails are sent meanwhile', async () => {
    const { dataSource } = app.database;
    const mails = 40_000;
    await dataSource.query(
      `WITH made AS (
         INSERT INTO mail (id, task_id, idempotency_key, subject, message, created_at)
         SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'old-' || n, 'old-' || n, 'Old', 'text',
                now() - interval '400 days'
         FROM generate_series(1, $1::int) n RETURNING id)
       INSERT INTO mail_recipient (mail_id, position, address, verdict, answered_at)
       SELECT id, 0, 'a@b.example', 'accepted', now() - interval '400 days' FROM made`,
      [mails],
    );
    await worker.stop();
    const taskId = await withBeat({}, (book) => book.runNow('mail.forget_old'));
    worker = await app.startWorker({ DIGEST_TO });
    await app.until(`SELECT 1 FROM mail WHERE task_id LIKE 'old-%' HAVING count(*) < $1`, mails);
    await worker.stop('SIGKILL');
    const [{ left } = { left: 0 }] = (await dataSource.query(
      `SELECT count(*)::int AS left FROM mail WHERE task_id LIKE 'old-%'`,
    )) as Array<{ left: number }>;
    expect(left % 1000).toBe(0);

    worker = await app.startWorker({ DIGEST_TO });
    await app.probe();
    const { result } = await app.until<{ result: { deleted: number } }>(
      `SELECT result FROM task WHERE id = $1 AND state = 'SUCCESS'`,
      taskId,
    );
    expect(result).toMatchObject({ deleted: left });
    expect(await dataSource.query(`SELECT FROM mail_recipient WHERE address = 'a@b.example'`)).toEqual([]);
  });
});
