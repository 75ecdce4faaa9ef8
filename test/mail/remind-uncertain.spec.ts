import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MailAcceptor, MailDecisions, UncertainReminder } from '@celeriac/mail';
import { MailDesk } from '../fixtures/mail-desk.js';

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);

describe('the reminder of uncertain mails', () => {
  let desk: MailDesk;

  beforeAll(async () => {
    desk = await MailDesk.open({ digestTo: ['ann@example.com'] });
  });

  beforeEach(() => desk.clear());
  afterAll(() => desk.close());

  const remind = (): Promise<string> => desk.app.get(UncertainReminder).remind(new AbortController().signal);
  const hold = (subject: string, since: Date): Promise<string> =>
    desk.make({ subject, state: 'FAILURE', verdicts: ['accepted', 'uncertain'], ended: since });

  async function reminders(): Promise<Array<{ subject: string; message: string }>> {
    return desk.query(`SELECT subject, message FROM mail WHERE idempotency_key LIKE 'own:uncertain:%' ORDER BY id`);
  }

  /** As if the reminders so far had been written yesterday. */
  async function sleepOverNight(): Promise<void> {
    await desk.query(
      `UPDATE mail SET id = overlay(id::text placing '0000' from 1 for 4)::uuid, created_at = created_at - interval '1 day',
         idempotency_key = 'own:uncertain:yesterday:' || id
       WHERE idempotency_key LIKE 'own:uncertain:%'`,
    );
  }

  it('tells of what has been held for an hour, the oldest first, with links to decide', async () => {
    await hold('Too new', hoursAgo(0.9));
    const second = await hold('Second', hoursAgo(2));
    const first = await hold('First', hoursAgo(30));
    await desk.make({ state: 'FAILURE', verdicts: ['refused'], ended: hoursAgo(2) });
    expect(await remind()).toMatch(/^2 held: told by mail /);
    const [reminder, ...others] = await reminders();
    expect(others).toEqual([]);
    expect(reminder?.subject).toBe('2 mails wait for your decision');
    const links = reminder?.message.match(/- .*|https:\S+$/gm);
    const url = 'https://mails.example/mails';
    expect(links).toEqual(['- First', `${url}/${first}`, '- Second', `${url}/${second}`, `${url}?state=uncertain`]);
    expect(reminder?.message).toContain('To user1@example.com');
  });

  it('is silent while nothing is held', async () => {
    await desk.make({ ended: hoursAgo(2) });
    expect(await remind()).toBe('No mail waits for a decision.');
    expect(await reminders()).toEqual([]);
  });

  it('tells of one that was not decided on, and of none that was', async () => {
    const [resent, arrived] = [await hold('Resent', hoursAgo(2)), await hold('Arrived', hoursAgo(2))];
    await desk.app.get(MailDecisions).resend(resent);
    await desk.app.get(MailDecisions).confirmArrived(arrived);
    expect(await remind()).toBe('No mail waits for a decision.');
  });

  it('knows a mail without a verdict: its worker died while it was being handed over', async () => {
    await desk.make({ subject: 'Lost', state: 'FAILURE', verdicts: [null], ended: hoursAgo(2) });
    await desk.query(
      `INSERT INTO task_attempt (task_id, number, worker_id, worker_name, started_at, point_of_no_return_at, outcome)
       SELECT task_id, 1, gen_random_uuid(), 'w', now(), now(), 'WORKER_LOST' FROM mail`,
    );
    expect(await remind()).toMatch(/^1 held: told by mail /);
  });

  it('tells the same once a day, and of a new one within the hour', async () => {
    await hold('One', hoursAgo(5));
    await remind();
    expect(await remind()).toMatch(/^1 held as told at /);
    expect(await reminders()).toHaveLength(1);

    await desk.query(`UPDATE mail SET created_at = now() - interval '1 hour' WHERE idempotency_key LIKE 'own:%'`);
    const two = await hold('Two', hoursAgo(1.5));
    expect(await remind()).toMatch(/^2 held: told by mail /);
    expect(await reminders()).toHaveLength(2);

    // What is left was told of today.
    await desk.app.get(MailDecisions).confirmArrived(two);
    expect(await remind()).toMatch(/^1 held as told at /);

    await sleepOverNight();
    expect(await remind()).toMatch(/^1 held: told by mail /);
    expect(await reminders()).toHaveLength(3);
  });

  it('tells of a mail that was sent again, and is held a second time on the same day', async () => {
    const id = await hold('One', hoursAgo(5));
    await remind();
    await desk.query(`UPDATE mail SET created_at = now() - interval '1 hour' WHERE idempotency_key LIKE 'own:%'`);
    await desk.app.get(MailDecisions).resend(id);
    await desk.query(
      `UPDATE task SET state = 'FAILURE', finished_at = $2 FROM mail WHERE mail.id = $1 AND task.id = mail.task_id`,
      id,
      hoursAgo(1.5),
    );
    await desk.query(
      `UPDATE mail_recipient SET verdict = 'uncertain', answered_at = $2 WHERE mail_id = $1 AND verdict IS NULL`,
      id,
      hoursAgo(1.5),
    );
    expect(await remind()).toMatch(/^1 held: told by mail /);
    expect(await reminders()).toHaveLength(2);
  });

  it('is one mail when two run at the same time', async () => {
    await hold('One', hoursAgo(5));
    await Promise.all([remind(), remind()]);
    expect(await reminders()).toHaveLength(1);
  });

  it("does not remind of the app's own mails", async () => {
    await hold('One', hoursAgo(5));
    await remind();
    await desk.query(
      `UPDATE mail_recipient SET verdict = 'uncertain', answered_at = now() - interval '2 hours'
       FROM mail WHERE mail.id = mail_id AND idempotency_key LIKE 'own:%'`,
    );
    await desk.query(`UPDATE task SET state = 'FAILURE', finished_at = now() WHERE state = 'PENDING'`);
    expect(await remind()).toMatch(/^1 held as told at /);
  });

  it('is a warning in the log without DIGEST_TO, once a day', async () => {
    const warnings: string[] = [];
    const options = { digestTo: [], publicUrl: 'https://mails.example', timeZone: 'UTC' };
    const log = { warn: (line: string) => void warnings.push(line) };
    const reminder = new UncertainReminder(desk.database.dataSource, desk.app.get(MailAcceptor), options, log);
    await hold('One', hoursAgo(5));
    const { signal } = new AbortController();
    expect(await reminder.remind(signal)).toBe('1 held: told in the log.');
    expect(await reminder.remind(signal)).toMatch(/^1 held as told at /);
    expect(warnings).toEqual([expect.stringMatching(/^1 mail waits for a decision since .*\/mails\?state=uncertain;/)]);
    expect(await reminders()).toEqual([]);
  });
});
