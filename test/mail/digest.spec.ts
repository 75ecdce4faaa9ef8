import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DailyDigest, MailAcceptor, MailPeriodicModule } from '@celeriac/mail';
import { MailDesk, type MadeMail } from '../fixtures/mail-desk.js';

/** Hours from UTC that no day of UTC has: what counts is the zone's own calendar. */
const TIME_ZONE = 'Pacific/Kiritimati';
const ANN = 'ann@example.com';

describe('the daily digest', () => {
  let desk: MailDesk;
  let day: { date: string; from: Date; until: Date };

  beforeAll(async () => {
    desk = await MailDesk.open({ digestTo: [ANN, 'bob@example.com'], timeZone: TIME_ZONE });
    const [yesterday] = await desk.query<typeof day>(
      `SELECT to_char(day, 'YYYY-MM-DD') AS date, day AT TIME ZONE $1 AS "from",
              (day + interval '1 day') AT TIME ZONE $1 AS until
       FROM (SELECT date_trunc('day', now() AT TIME ZONE $1) - interval '1 day' AS day) yesterday`,
      TIME_ZONE,
    );
    if (yesterday === undefined) throw new Error('There was no day before.');
    day = yesterday;
  });

  beforeEach(() => desk.clear());
  afterAll(() => desk.close());

  const send = (): Promise<string> => desk.app.get(DailyDigest).send(new AbortController().signal);
  const atYesterday = (mail: MadeMail = {}): Promise<string> =>
    desk.make({ ended: new Date(day.from.getTime() + 3_600_000), ...mail });

  /** What the app has written itself. */
  async function own(): Promise<Array<{ subject: string; message: string; to: string[]; task: string }>> {
    return desk.query(
      `SELECT subject, message, task.name || ' ' || task.state AS task,
              ARRAY(SELECT address FROM mail_recipient WHERE mail_id = mail.id ORDER BY position) AS "to"
       FROM mail JOIN task ON task.id = mail.task_id WHERE idempotency_key LIKE 'own:%'`,
    );
  }

  it('is a mail of our own that tells of each mail which ended yesterday, how, why and where', async () => {
    await atYesterday({ subject: 'Good' });
    await atYesterday({ subject: 'Said to be there', state: 'FAILURE', verdicts: ['arrived'] });
    const failed = await atYesterday({
      subject: 'Bad',
      state: 'FAILURE',
      verdicts: ['accepted', null],
      error: 'connect ECONNREFUSED 127.0.0.1:25',
    });
    const refused = await atYesterday({ subject: 'Ugly', state: 'FAILURE', verdicts: ['accepted', 'refused'] });
    const held = await atYesterday({ subject: 'Held', state: 'FAILURE', verdicts: ['uncertain'] });
    await atYesterday({ subject: 'Called off', state: 'REVOKED', verdicts: [null] });

    expect(await send()).toMatch(new RegExp(`^The digest of ${day.date} is mail `));

    const [digest, ...others] = await own();
    expect(others).toEqual([]);
    expect(digest).toMatchObject({ to: [ANN, 'bob@example.com'], task: 'mail.send_email PENDING' });
    const counts = '1 failed, 1 refused, 1 held, 1 canceled, 1 arrived, 1 sent';
    expect(digest?.subject).toBe(`Mails of ${day.date}: ${counts}`);
    const url = 'https://mails.example/mails';
    expect(digest?.message).toContain(`6 mails came to an end on ${day.date} (${TIME_ZONE}): ${counts}.`);
    expect(digest?.message).toContain(
      '- Bad\n  To user1@example.com\n  The mail server could not be reached: nothing answers at its address.\n' +
        `  ${url}/${failed}\n`,
    );
    expect(digest?.message).toContain(`- Ugly\n  To user1@example.com\n  550 refused\n  ${url}/${refused}\n`);
    expect(digest?.message).toContain(`- Held\n  To user0@example.com\n  550 uncertain\n  ${url}/${held}\n`);
    expect(digest?.message).toContain('1 sent\n\n- Good\n  To user0@example.com\n');
  });

  it('goes by the calendar of the zone, and by when a mail ended', async () => {
    const before = new Date(day.from.getTime() - 1);
    const last = new Date(day.until.getTime() - 1);
    await atYesterday({ subject: 'The day before', ended: before });
    await atYesterday({ subject: 'First', ended: day.from });
    await atYesterday({ subject: 'Last', ended: last, accepted: new Date('2020-01-01') });
    await atYesterday({ subject: 'Today', ended: day.until, accepted: last });
    await desk.make({ subject: 'On its way', state: 'RETRY', verdicts: [null], ended: last });
    await send();
    const [digest] = await own();
    expect(digest?.subject).toBe(`Mails of ${day.date}: 2 sent`);
    expect(digest?.message).toMatch(/- First\n[^-]*- Last|- Last\n[^-]*- First/);
  });

  it('names some of many, and says how many more there are', async () => {
    for (let n = 0; n < 18; n += 1) await atYesterday({ state: 'FAILURE', verdicts: ['refused'], subject: `No ${n}` });
    await send();
    const [digest] = await own();
    expect(digest?.message.match(/^- No/gm)).toHaveLength(15);
    expect(digest?.message).toContain('\nand 3 more\n');
  });

  it('is one mail a day, also if two run at the same time, or a mail has become another one meanwhile', async () => {
    await atYesterday();
    const runs = await Promise.all([send(), send()]);
    await atYesterday({ subject: 'Heard of later' });
    runs.push(await send());
    expect(runs.filter((done) => done.startsWith('The digest'))).toHaveLength(1);
    expect(runs.filter((done) => done.startsWith(`There was a digest of ${day.date}`))).toHaveLength(2);
    expect(await own()).toHaveLength(1);
  });

  it('does not count itself, and is not sent when nothing has ended', async () => {
    const nothing = `No mail came to an end on ${day.date}: no digest is sent.`;
    expect(await send()).toBe(nothing);
    const form = { email: [ANN], subject: 'Mails of the day before', msg: 'Text' };
    const { id } = await desk.app.get(MailAcceptor).acceptOfTask(form, 'own:digest:2001-01-01');
    await desk.query(
      `UPDATE task SET state = 'SUCCESS', finished_at = $2 FROM mail WHERE mail.id = $1 AND task.id = task_id`,
      id,
      day.from,
    );
    expect(await send()).toBe(nothing);
    expect(await own()).toHaveLength(1);
  });

  it('says so when it runs without DIGEST_TO, and sends nothing', async () => {
    await atYesterday();
    const options = { digestTo: [], publicUrl: '', timeZone: TIME_ZONE };
    const digest = new DailyDigest(desk.database.dataSource, desk.app.get(MailAcceptor), options);
    expect(await digest.send(new AbortController().signal)).toBe('DIGEST_TO is not set: no digest is sent.');
    expect(await own()).toEqual([]);
  });

  it('refuses an address that no mail can be sent to when the worker starts', () => {
    const options = { textRetentionDays: 1, retentionDays: 1, publicUrl: '', timeZone: 'UTC' };
    expect(() => MailPeriodicModule.forRoot({ ...options, digestTo: [ANN, 'Bob <bob@example.com>'] })).toThrow(
      'DIGEST_TO: Give the address alone, without a name and without < >: “Bob <bob@example.com>”.',
    );
  });
});
