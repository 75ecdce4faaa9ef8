import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadForm, type TypedForm } from '../fixtures/form.js';
import { startWebPlace, type WebPlace } from '../fixtures/web-app.js';

const MONDAYS = { repeat: 'weekly', weekday: 'MON', day: '1', time: '09:00', zone: 'Europe/Vienna' };

/** What is stored of a recurring mail. */
interface StoredEntry {
  task: string;
  kwargs: { to: string[]; subject: string; message: string; recurringId: string };
  schedule: { type: string; crontab: string; timezone: string };
  enabled: boolean;
  missed: string;
  overlap: string;
  next_run_at: Date | null;
}

describe('recurring mails', () => {
  let web: WebPlace;

  beforeAll(async () => {
    web = await startWebPlace({ TIME_ZONE: 'Europe/Vienna' });
  });

  afterAll(async () => {
    expect(await web.drop()).toBe(0);
  });

  /** Sends the form. @returns the path of the page that it leads to */
  async function add(typed: TypedForm = {}): Promise<string> {
    const response = await (await loadForm(web.url)).send({ ...MONDAYS, ...typed });
    expect(response.status).toBe(303);
    return response.headers.get('location') ?? '';
  }

  async function stored(path: string): Promise<StoredEntry> {
    const name = `mail.recurring:${path.replace(/.*\//, '')}`;
    const rows: StoredEntry[] = await web.database.dataSource.query('SELECT * FROM schedule_entry WHERE name = $1', [
      name,
    ]);
    if (rows[0] === undefined) throw new Error(`There is no entry ${name}.`);
    return rows[0];
  }

  async function set(path: string, changes: string): Promise<void> {
    const name = `mail.recurring:${path.replace(/.*\//, '')}`;
    await web.database.dataSource.query(`UPDATE schedule_entry SET ${changes} WHERE name = $1`, [name]);
  }

  async function htmlOf(path: string): Promise<string> {
    return (await fetch(web.url + path)).text();
  }

  /** Presses a button. */
  function press(path: string): Promise<Response> {
    const headers = { 'sec-fetch-site': 'same-origin' };
    return fetch(web.url + path, { method: 'POST', headers, redirect: 'manual' });
  }

  /** The text of the message that stands at a field. */
  function errorAt(html: string, field: string): string {
    return new RegExp(`id="${field}-error"[^>]*>(.*?)</`, 's').exec(html)?.[1]?.trim() ?? '';
  }

  it('are made by the form, sent by nobody yet, and shown with their first time', async () => {
    const path = await add({ email: 'ann@example.com, bob@example.com', subject: 'Menu', msg: 'Here it is.' });
    expect(path).toMatch(/^\/mails\/recurring\/[0-9a-f-]{36}$/);
    const entry = await stored(path);
    expect(entry).toMatchObject({
      task: 'mail.send_recurring',
      kwargs: { to: ['ann@example.com', 'bob@example.com'], subject: 'Menu', message: 'Here it is.' },
      schedule: { type: 'crontab', crontab: '0 9 * * MON', timezone: 'Europe/Vienna' },
      enabled: true,
      missed: 'last',
      overlap: 'allow',
    });
    const html = await htmlOf(path);
    expect(html).toMatch(/The first one goes out on Monday,? \d+ \w+ \d{4} at 09:00 \(Europe\/Vienna\)\./);
    expect(html).toContain('Every Monday at 09:00, Europe/Vienna');
    expect(html.match(/<li class="row"><time datetime="[^"]+">Monday/g)).toHaveLength(5);
    expect(html).toContain(`datetime="${entry.next_run_at?.toISOString()}"`);
    expect(await htmlOf('/mails/recurring')).toContain(`href="${path}"`);
    expect(await web.database.dataSource.query('SELECT FROM mail')).toEqual([]);
  });

  it.each([
    [{ repeat: 'daily' }, '0 9 * * *', 'Every day at 09:00, Europe/Vienna'],
    [{ repeat: 'weekdays', time: '17:30' }, '30 17 * * MON-FRI', 'Every weekday, Monday to Friday, at 17:30'],
    [{ repeat: 'monthly', day: '28', zone: 'UTC' }, '0 9 28 * *', 'On day 28 of each month at 09:00, UTC'],
    [{ repeat: 'monthly', day: 'last' }, '0 9 L * *', 'On the last day of each month at 09:00'],
  ])('take %j', async (typed, expected, words) => {
    const path = await add(typed);
    expect((await stored(path)).schedule.crontab).toBe(expected);
    expect(await htmlOf(path)).toContain(words);
  });

  it('are in the zone of the settings unless the form says another', async () => {
    expect(await htmlOf('/')).toMatch(/id="zone"[^>]* value="Europe\/Vienna" data-own-zone/);
  });

  it('are one when the form is sent twice, and two when its text was changed in between', async () => {
    const form = await loadForm(web.url);
    const typed = { ...MONDAYS, msg: 'One' };
    const answers = await Promise.all([form.send(typed), form.send(typed), form.send({ ...typed, msg: 'Two' })]);
    const [first, second, third] = answers.map(({ headers }) => headers.get('location'));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect((await form.send(typed)).headers.get('location')).toBe(first);
  });

  it.each<[field: string, typed: TypedForm]>([
    ['repeat', { repeat: 'hourly' }],
    ['weekday', { weekday: 'Monday' }],
    ['day', { repeat: 'monthly', day: '31' }],
    ['time', { time: '' }],
    ['zone', { zone: 'Nowhere' }],
    ['email', { email: 'nonsense' }],
    ['msg', { msg: '' }],
  ])('are refused with the reason at %s, and what was typed is kept: %j', async (field, typed) => {
    const response = await (
      await loadForm(web.url)
    ).send({ ...MONDAYS, subject: 'Kept', zone: 'Asia/Tokyo', ...typed });
    expect(response.status).toBe(422);
    const html = await response.text();
    expect(errorAt(html, field)).not.toBe('');
    expect(html).toContain(`<li><a href="#${field}">`);
    expect(html).toContain('value="Kept"');
    expect(html).toContain(`value="${typed.zone ?? 'Asia/Tokyo'}"`);
    if (field !== 'repeat') expect(html).toContain(`<option value="${typed.repeat ?? 'weekly'}" selected>`);
  });

  it('show all that is wrong with a form at once', async () => {
    const response = await (await loadForm(web.url)).send({ ...MONDAYS, email: '', time: 'noon' });
    const html = await response.text();
    for (const field of ['email', 'time']) expect(errorAt(html, field)).not.toBe('');
  });

  it('are no matter of a form that says “once”, whatever else it says', async () => {
    const response = await (await loadForm(web.url)).send({ ...MONDAYS, repeat: 'once', time: '', zone: 'Nowhere' });
    expect(response.headers.get('location')).toMatch(/^\/mails\/[0-9a-f-]{36}$/);
  });

  it('are paused and resumed', async () => {
    const path = await add();
    expect((await press(`${path}/pause`)).headers.get('location')).toBe(path);
    expect(await stored(path)).toMatchObject({ enabled: false, next_run_at: null });
    const paused = await htmlOf(path);
    expect(paused).toContain('Paused');
    expect(paused).not.toContain('id="next-times"');
    expect((await press(`${path}/pause`)).status).toBe(303);
    expect((await press(`${path}/resume`)).headers.get('location')).toBe(path);
    expect(await stored(path)).toMatchObject({ enabled: true, next_run_at: expect.any(Date) });
    expect(await htmlOf(path)).toContain('id="next-times"');
  });

  it('are changed in the form that they were made with', async () => {
    const path = await add({ email: 'ann@exämple.com', subject: 'Before', msg: 'Text before' });
    const form = await loadForm(web.url, `${path}/edit`, `${path}/edit`);
    const html = await htmlOf(`${path}/edit`);
    for (const text of ['value="ann@exämple.com"', 'value="Before"', 'Text before', 'value="09:00"']) {
      expect(html).toContain(text);
    }
    expect(html).toContain('<option value="weekly" selected>');
    expect(html).toContain('<option value="MON" selected>');
    expect(html).not.toContain('value="once"');
    const response = await form.send({ ...MONDAYS, weekday: 'FRI', subject: 'After', msg: 'Text after' });
    expect(response.headers.get('location')).toBe(path);
    const entry = await stored(path);
    expect(entry).toMatchObject({
      kwargs: { subject: 'After', message: 'Text after', recurringId: path.replace(/.*\//, '') },
      schedule: { crontab: '0 9 * * FRI' },
    });
    expect(entry.next_run_at?.getUTCDay()).toBe(5);
  });

  it('keep the text of a change that is refused', async () => {
    const path = await add({ subject: 'As it was' });
    const form = await loadForm(web.url, `${path}/edit`, `${path}/edit`);
    for (const [typed, status] of [
      [{ time: '' }, 422],
      [{ repeat: 'once' }, 422],
      [{ _csrf: 'stale' }, 403],
    ] as const) {
      const response = await form.send({ ...MONDAYS, msg: 'A text that took an hour', ...typed });
      expect(response.status).toBe(status);
      const html = await response.text();
      expect(html).toContain('A text that took an hour');
      expect(html).toContain(`action="${path}/edit"`);
    }
    expect(await stored(path)).toMatchObject({ kwargs: { subject: 'As it was' } });
  });

  it('keep a time that has come, which no beat has seen yet, when their text alone is changed', async () => {
    const path = await add();
    await set(path, `next_run_at = '2026-01-05T08:00:00Z', schedule = '${JSON.stringify(crontab('00 9 * * 1'))}'`);
    const form = await loadForm(web.url, `${path}/edit`, `${path}/edit`);
    expect((await form.send({ ...MONDAYS, subject: 'After' })).status).toBe(303);
    expect(await stored(path)).toMatchObject({
      kwargs: { subject: 'After' },
      next_run_at: new Date('2026-01-05T08:00:00Z'),
    });
  });

  it('keep times that the form cannot express, unless others are chosen', async () => {
    const path = await add();
    await set(path, `schedule = '${JSON.stringify(crontab('0 9 * * MON,WED'))}'`);
    expect(await htmlOf(path)).toContain('At 09:00, only on Monday and Wednesday, Europe/Vienna');
    expect(await htmlOf(`${path}/edit`)).toContain(
      '<option value="unchanged" selected>As it is: At 09:00, only on Monday and Wednesday, Europe/Vienna</option>',
    );
    const form = await loadForm(web.url, `${path}/edit`, `${path}/edit`);
    const refused = await form.send({ repeat: 'unchanged', msg: '' });
    expect(await refused.text()).toContain('<option value="unchanged" selected>As it is: At 09:00');
    expect((await form.send({ repeat: 'unchanged', subject: 'After' })).status).toBe(303);
    expect(await stored(path)).toMatchObject({
      kwargs: { subject: 'After' },
      schedule: { crontab: '0 9 * * MON,WED' },
    });
    await form.send({ ...MONDAYS, subject: 'After' });
    expect((await stored(path)).schedule.crontab).toBe('0 9 * * MON');
  });

  it('say why beat has stopped them, and go on when they have been mended', async () => {
    const path = await add({ subject: 'Broken' });
    await set(path, `kwargs = '{"to": []}', enabled = false, next_run_at = NULL, problem = 'to: Too small.'`);
    for (const page of [path, '/mails/recurring']) expect(await htmlOf(page)).toContain('to: Too small.');
    const resumed = await press(`${path}/resume`);
    expect(resumed.status).toBe(409);
    expect(await resumed.text()).toContain('kwargs.to');
    const form = await loadForm(web.url, `${path}/edit`, `${path}/edit`);
    expect((await form.send({ ...MONDAYS, subject: 'Mended' })).status).toBe(303);
    expect(await stored(path)).toMatchObject({ enabled: true, problem: null, kwargs: { subject: 'Mended' } });
  });

  it('show a schedule that somebody has broken in the database, and take a new one', async () => {
    const path = await add();
    await set(path, `schedule = '{"type": "crontab", "crontab": "nonsense", "timezone": "UTC"}'`);
    for (const page of [path, '/mails/recurring']) expect(await htmlOf(page)).toContain('Stopped');
    const form = await loadForm(web.url, `${path}/edit`, `${path}/edit`);
    expect((await form.send(MONDAYS)).status).toBe(303);
    expect(await stored(path)).toMatchObject({ enabled: true, schedule: { crontab: '0 9 * * MON' } });
  });

  it('do not promise a time that has passed', async () => {
    const path = await add();
    await set(path, `next_run_at = now() - interval '30 seconds'`);
    expect(await htmlOf(path)).not.toContain('Overdue');
    await set(path, `next_run_at = now() - interval '2 minutes'`);
    for (const page of [path, '/mails/recurring']) {
      const html = await htmlOf(page);
      expect(html).toContain('Overdue');
      expect(html).toContain('Is beat running?');
    }
    expect(await htmlOf(path)).not.toContain('The first one goes out');
  });

  it('are deleted after a question, once', async () => {
    const path = await add({ subject: 'Not wanted any more' });
    const question = await htmlOf(`${path}/delete`);
    expect(question).toContain('Delete this recurring mail?');
    expect(question).toContain('Not wanted any more');
    expect((await press(`${path}/delete`)).headers.get('location')).toBe('/mails/recurring');
    await expect(stored(path)).rejects.toThrow('There is no entry');
    expect(await htmlOf('/mails/recurring')).not.toContain('Not wanted any more');
    // From a page that was opened before.
    for (const action of ['delete', 'pause', 'resume']) {
      const gone = await press(`${path}/${action}`);
      expect(gone.status).toBe(404);
      expect(await gone.text()).toContain('There is no such recurring mail. It may have been deleted');
    }
  });

  it('keep the text of a change to one that is gone', async () => {
    const path = await add();
    const form = await loadForm(web.url, `${path}/edit`, `${path}/edit`);
    await press(`${path}/delete`);
    const gone = await form.send({ ...MONDAYS, msg: 'A text that took an hour' });
    expect(gone.status).toBe(404);
    const html = await gone.text();
    expect(html).toContain('There is no such recurring mail.');
    expect(html).toContain('A text that took an hour');
  });

  it.each(['', '/edit', '/delete'])('are not found under an id that nobody has: …%s', async (page) => {
    for (const id of [randomUUID(), 'nonsense']) {
      expect((await fetch(`${web.url}/mails/recurring/${id}${page}`)).status).toBe(404);
    }
  });

  it('are changed by pages of ours alone', async () => {
    const path = await add();
    for (const action of ['pause', 'resume', 'delete', 'edit']) {
      expect((await fetch(`${web.url}${path}/${action}`, { method: 'POST' })).status).toBe(403);
    }
    expect((await fetch(`${web.url}${path}/pause`)).status).toBe(405);
    expect(await stored(path)).toMatchObject({ enabled: true });
  });

  it('are listed page by page, the newest first', async () => {
    await web.database.dataSource.query('DELETE FROM schedule_entry');
    for (let number = 1; number <= 26; number += 1) await add({ subject: `Number ${number}.` });
    await web.database.dataSource.query(
      `UPDATE schedule_entry SET created_at = now() + substring(kwargs->>'subject' FROM '[0-9]+')::int * interval '1 s'`,
    );
    const first = await htmlOf('/mails/recurring');
    expect(first.match(/class="history-item/g)).toHaveLength(25);
    expect(first.indexOf('Number 26.')).toBeLessThan(first.indexOf('Number 2.'));
    expect(first).toContain('href="/mails/recurring?page&#x3D;2"');
    const second = await htmlOf('/mails/recurring?page=2');
    expect(second).toContain('Number 1.');
    expect(second.match(/class="history-item/g)).toHaveLength(1);
    for (const page of ['0', '-1', 'x', '1e9', '99999999']) {
      expect((await fetch(`${web.url}/mails/recurring?page=${page}`)).status).toBe(200);
    }
  });

  it('leave out what the command line has added under other names', async () => {
    await web.database.dataSource.query(
      `INSERT INTO schedule_entry (name, task, kwargs, schedule)
       VALUES ('reminder', 'mail.send_recurring', '{"subject": "By hand"}', '${JSON.stringify(crontab('0 9 * * *'))}')`,
    );
    expect(await htmlOf('/mails/recurring')).not.toContain('By hand');
  });

  it('answer 503 while the database is away, and keep the text', async () => {
    const path = await add();
    const forms = [await loadForm(web.url), await loadForm(web.url, `${path}/edit`, `${path}/edit`)];
    web.line.refuse();
    for (const form of forms) {
      const response = await form.send({ ...MONDAYS, msg: 'A text that took an hour' });
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      const html = await response.text();
      expect(html).toContain('A text that took an hour');
      expect(html).toContain('<option value="weekly" selected>');
    }
    web.line.accept();
    for (const form of forms) expect((await form.send({ ...MONDAYS, msg: 'A text' })).status).toBe(303);
  });
});

function crontab(text: string): StoredEntry['schedule'] {
  return { type: 'crontab', crontab: text, timezone: 'Europe/Vienna' };
}
