import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadForm, sendForm, showMail } from '../fixtures/form.js';
import { startWebPlace, type WebPlace } from '../fixtures/web-app.js';

describe('the form', () => {
  let web: WebPlace;
  let webUrl: string;

  beforeAll(async () => {
    web = await startWebPlace({ RATE_LIMIT_PER_MINUTE: '60' });
    webUrl = web.url;
  });

  afterAll(async () => {
    expect(await web.drop()).toBe(0);
  });

  /** The text of the message that stands at a field. */
  function errorAt(html: string, field: string): string {
    return new RegExp(`id="${field}-error"[^>]*>(.*?)</`, 's').exec(html)?.[1]?.trim() ?? '';
  }

  it('accepts a mail while there is no broker', async () => {
    const id = await sendForm(webUrl, { subject: '' });
    expect(await showMail(webUrl, id)).toMatchObject({ state: 'queued', subject: 'Your Feedback', settled: false });
  });

  it.each([
    ['email', 'no address', { email: 'nonsense' }],
    ['email', 'no recipient', { email: ' , ' }],
    ['email', 'a header in disguise', { email: 'ann@example.com\r\nBcc: eve@example.com' }],
    ['email', 'a name', { email: 'Ann <ann@example.com>' }],
    ['email', 'letters before the @ that few servers take', { email: 'änn@example.com' }],
    ['email', 'a quoted local part', { email: '"ann b"@example.com' }],
    ['email', 'a NUL', { email: 'ann\0@example.com' }],
    ['email', 'too many recipients', { email: Array.from({ length: 500 }, (_, n) => `a${n}@example.com`).join() }],
    ['subject', 'a header in disguise', { subject: 'Hello\r\nBcc: eve@example.com' }],
    ['subject', 'a subject without end', { subject: 'x'.repeat(201) }],
    ['msg', 'no message', { msg: ' \n ' }],
    ['subject', 'a NUL', { subject: 'a\0b' }],
    ['msg', 'a NUL', { msg: 'a\0b' }],
    ['msg', 'a message without end', { msg: 'x'.repeat(50_001) }],
  ])('says at %s what is wrong: %s', async (field, _what, typed) => {
    const response = await (await loadForm(webUrl)).send(typed);
    expect(response.status).toBe(422);
    expect(errorAt(await response.text(), field)).not.toBe('');
  });

  it('names the limit to who has too many recipients', async () => {
    const email = Array.from({ length: 500 }, (_, n) => `a${n}@example.com`).join();
    const response = await (await loadForm(webUrl)).send({ email });
    expect(errorAt(await response.text(), 'email')).toBe('At most 50 addresses at a time; these are 500.');
  });

  it('takes a domain in any script, shows it as it was written, and sends to its ASCII form', async () => {
    const id = await sendForm(webUrl, { email: 'ann@exämple.com' });
    for (const path of [`/mails/${id}`, '/mails']) {
      const html = await (await fetch(webUrl + path)).text();
      expect(html).toContain('ann@exämple.com');
      expect(html).not.toContain('xn--');
    }
    expect((await showMail(webUrl, id)).recipients).toMatchObject([{ address: 'ann@xn--exmple-cua.com' }]);
  });

  it('shows what was typed as text, whatever it is', async () => {
    const script = '<script>alert(1)</script>"\'';
    const response = await (await loadForm(webUrl)).send({ email: script, subject: script, msg: script });
    const html = await response.text();
    expect(html).not.toContain('<script>alert');
    expect(html.match(/&lt;script&gt;alert/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('makes one mail of two answers to the same form, and two of two texts', async () => {
    const form = await loadForm(webUrl);
    const again = await Promise.all([form.send({ msg: 'One' }), form.send({ msg: 'One' }), form.send({ msg: 'Two' })]);
    const [first, second, third] = again.map((response) => response.headers.get('location'));
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  it('asks before it sends the same again from another form', async () => {
    const same = { email: 'ann@example.com, bob@example.com', subject: 'Twice', msg: 'The same' };
    const id = await sendForm(webUrl, same);
    const form = await loadForm(webUrl);
    const question = await form.send({ ...same, email: 'bob@example.com; ann@example.com' });
    expect(question.status).toBe(409);
    const html = await question.text();
    expect(html).toMatch(/You sent this .* ago\. Send it again\?/);
    expect(html).toContain(`href="/mails/${id}"`);
    expect(html).toContain('The same');
    const again = [await form.send({ ...same, again: '1' }), await form.send({ ...same, again: '1' })];
    const [first, second] = again.map((response) => response.headers.get('location'));
    expect(first).toMatch(/^\/mails\//);
    expect(first).not.toBe(`/mails/${id}`);
    expect(second).toBe(first);
    // Neither is another text a question, nor the first form once more.
    expect((await form.send({ ...same, msg: 'Another' })).status).toBe(303);
  });

  it('asks one of two who send the same at the same moment', async () => {
    const same = { email: 'twins@example.com', msg: 'The same' };
    const forms = await Promise.all([loadForm(webUrl), loadForm(webUrl), loadForm(webUrl)]);
    const answers = await Promise.all(forms.map((form) => form.send(same)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409, 409]);
  });

  it('does not ask when the same was sent longer ago', async () => {
    const same = { email: 'late@example.com', msg: 'The same' };
    const id = await sendForm(webUrl, same);
    await web.database.dataSource.query(
      `UPDATE mail SET created_at = created_at - interval '3 minutes' WHERE id = $1`,
      [id],
    );
    expect(await sendForm(webUrl, same)).not.toBe(id);
  });

  it('refuses a form without its token', async () => {
    const body = new URLSearchParams({ email: 'ann@example.com', msg: 'Hello', idempotencyKey: randomUUID() });
    const refused = await fetch(`${webUrl}/sendmail/`, { method: 'POST', body });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('Nothing was sent: the form was out of date.');
  });

  it('refuses a form that is too large as soon as it says so', async () => {
    const type = 'application/x-www-form-urlencoded';
    const headers = { 'content-type': type, 'content-length': '10000000' };
    // The body is never sent: whoever is cut off while he writes it may not see the answer.
    const sending = request(`${webUrl}/sendmail/`, { method: 'POST', headers });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.flushHeaders();
    const [answer] = await answered;
    expect(answer.statusCode).toBe(413);
    expect(await textOf(answer)).toContain('A message can have at most 50,000 characters.');
    sending.destroy();
  });

  it('comes back with its text, ready to be sent, when its token is out of date', async () => {
    const form = await loadForm(webUrl);
    const typed = { email: 'kept@example.com', subject: 'Kept', msg: `A text that took an hour ${randomUUID()}` };
    const refused = await form.send({ ...typed, _csrf: 'stale' });
    expect(refused.status).toBe(403);
    const html = await refused.text();
    for (const text of Object.values(typed)) expect(html).toContain(text);
    const token = /name="_csrf" value="([^"]+)"/.exec(html)?.[1]?.replaceAll('&#x3D;', '=');
    expect(html).toContain(`name="idempotencyKey" value="${form.idempotencyKey}"`);
    expect((await form.send({ ...typed, _csrf: token })).status).toBe(303);
  });

  it('needs no token when the browser says that it is our page', async () => {
    const stale = { _csrf: 'stale' };
    const form = await loadForm(webUrl);
    expect((await form.send(stale, { 'sec-fetch-site': 'same-origin' })).status).toBe(303);
    for (const site of ['same-site', 'cross-site', 'none']) {
      expect((await form.send(stale, { 'sec-fetch-site': site })).status).toBe(403);
    }
  });

  it('answers 503 while the database is away, keeps the text, and goes on by itself', async () => {
    const form = await loadForm(webUrl);
    web.line.refuse();
    const response = await form.send({ email: 'kept@example.com', msg: 'A text that took an hour' });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    const html = await response.text();
    expect(html).toContain('A text that took an hour');
    expect(html).toContain('kept@example.com');
    expect((await fetch(`${webUrl}/mails/${randomUUID()}`)).status).toBe(503);
    expect((await fetch(`${webUrl}/readyz`)).status).toBe(503);
    expect((await fetch(`${webUrl}/livez`)).status).toBe(200);
    web.line.accept();
    expect((await form.send({ email: 'kept@example.com', msg: 'A text that took an hour' })).status).toBe(303);
  });

  it('is ready without a broker, and says that it is degraded', async () => {
    const response = await fetch(`${webUrl}/readyz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ok', details: { broker: { state: 'degraded' } } });
  });

  it('is not sent too often from one address', async () => {
    const form = await loadForm(webUrl);
    const answers = [];
    while (answers.length < 65) answers.push(await form.send({ email: '', msg: 'A text that took an hour' }));
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(Number(limited[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    const html = (await limited[0]?.text()) ?? '';
    expect(html).toMatch(
      /Nothing was sent or changed: at most 60 a minute are taken from one address\. Try again in \d+ s/,
    );
    expect(html).toContain('Your text is kept.');
    expect(html).toContain('A text that took an hour');
    const button = await fetch(`${webUrl}/mails/${randomUUID()}/cancel`, { method: 'POST' });
    expect(await button.text()).toContain('Nothing was sent or changed: this page is out of date.');
  });

  it.each([
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['LOCALHOST', 200],
    ['Localhost:8000', 200],
    ['127.0.0.5', 200],
    ['[::1]:8000', 200],
  ])('is there under the names of this machine alone: “%s” is answered with %d', async (host, expected) => {
    const status = await new Promise((resolve, reject) => {
      request({ ...urlParts(webUrl), path: '/mails', headers: { host } }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(expected);
  });

  it('serves nothing but its public files', async () => {
    const status = await new Promise((resolve, reject) => {
      // Not with fetch, which tidies the path up.
      request({ ...urlParts(webUrl), path: '/assets/../package.json' }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
    const css = await fetch(`${webUrl}/assets/app.css`);
    expect(css.headers.get('content-type')).toContain('text/css');
    expect(css.headers.get('cache-control')).toContain('immutable');
  });
});

function urlParts(url: string): { host: string; port: string } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port };
}
