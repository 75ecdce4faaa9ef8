import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { MailApp } from '../fixtures/mail-app.js';
import { startMailBeat } from '../fixtures/mail-beat.js';

describe('recurring mails, through beat and a worker', () => {
  let app: MailApp;
  let beats: TestingModule[] = [];

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startWeb();
  });

  afterAll(async () => {
    await Promise.all(beats.map((beat) => beat.close()));
    await app.stop();
  });

  it('are sent when they are due, once each, and lead to what came of them', async () => {
    const form = await app.loadForm();
    const times = { repeat: 'weekly', weekday: 'MON', time: '09:00', zone: 'Europe/Vienna' };
    const answer = await form.send({ email: 'ann@example.com', subject: 'Menu', msg: 'Here it is.', ...times });
    const path = answer.headers.get('location') ?? '';
    await app.database.dataSource.query(`UPDATE schedule_entry SET next_run_at = now() - interval '10 minutes'`);
    expect(await (await app.fetch(path)).text()).toContain('Is beat running?');

    beats = await Promise.all([startMailBeat(app), startMailBeat(app)]);
    await app.until('SELECT 1 FROM schedule_tick WHERE task_id IS NOT NULL');
    const waiting = await (await app.fetch(path)).text();
    expect(waiting).toContain('A worker has yet to write it.');
    expect(waiting).toContain('data-state="active"');

    await app.startWorker();
    const [caught] = await app.catcher.caught(1);
    expect(caught).toMatchObject({ to: ['ann@example.com'], email: { subject: 'Menu' } });
    await app.allEnded();
    const mails: Array<{ id: string }> = await app.database.dataSource.query('SELECT id FROM mail');
    expect(mails).toHaveLength(1);
    const mailPath = `/mails/${mails[0]?.id}`;
    for (const page of [path, '/mails/recurring']) {
      expect(await (await app.fetch(page)).text()).toMatch(new RegExp(`href="${mailPath}".*>Sent<`));
    }
    const mailPage = await (await app.fetch(mailPath)).text();
    expect(mailPage).toContain(`<a href="${path}">A recurring mail</a>`);
    expect(mailPage).not.toContain('Thank you!');
    const [task] = await app.database.dataSource.query(
      `SELECT forget_after < now() + interval '25 hours' AS "isForgotten" FROM task WHERE name = 'mail.send_recurring'`,
    );
    // With the text, as soon as the mail's own may go.
    expect(task).toEqual({ isForgotten: true });
    await app.probe();
    expect(app.catcher.mails.filter(({ email }) => email.subject === 'Menu')).toHaveLength(1);
  });
});
