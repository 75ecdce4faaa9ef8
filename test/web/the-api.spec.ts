import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWebApp, startWebPlace, type WebPlace } from '../fixtures/web-app.js';

interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: Array<{ pointer?: string; parameter?: string; detail: string }>;
}

const asked = { to: 'ann@example.com', message: 'Hello' };

describe('the API', () => {
  let web: WebPlace;

  beforeAll(async () => {
    web = await startWebPlace();
  });

  afterAll(async () => {
    expect(await web.drop()).toBe(0);
  });

  function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(`${web.url}/api/mails`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    });
  }

  async function problemOf(response: Response): Promise<Problem> {
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as Problem;
    expect(problem.status).toBe(response.status);
    expect(problem.title).not.toBe('');
    expect(problem.detail).not.toBe('');
    return problem;
  }

  it('accepts a mail', async () => {
    const response = await post({ to: ['ann@example.com', 'bob@exämple.org'], subject: 'Hi', message: 'Hello\n' });
    expect(response.status).toBe(202);
    const { id, state } = (await response.json()) as { id: string; state: string };
    expect(state).toBe('queued');
    expect(response.headers.get('location')).toBe(`/api/mails/${id}`);
    const mail: unknown = await (await fetch(`${web.url}/api/mails/${id}`)).json();
    expect(mail).toMatchObject({
      id,
      subject: 'Hi',
      message: 'Hello\n',
      state: 'queued',
      recipients: [{ address: 'ann@example.com' }, { address: 'bob@xn--exmple-cua.org' }],
    });
  });

  it('makes one mail of the same key, and of the same body without a key two', async () => {
    const key = randomUUID();
    const answers = await Promise.all([
      post(asked, { 'idempotency-key': key }),
      post({ ...asked, to: [asked.to], subject: '' }, { 'idempotency-key': key }),
      post(asked, { 'idempotency-key': `${key}2` }),
      post(asked),
      post(asked),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { id: string }).id));
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(4);
    const later = await post(asked, { 'idempotency-key': key });
    expect(await later.json()).toEqual({ id: ids[0], state: 'queued' });
  });

  it('refuses another mail under the same key', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all([post(asked, headers), post({ ...asked, message: 'Other' }, headers)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    const again = await post({ ...asked, to: 'bob@example.com' }, headers);
    expect(again.status).toBe(409);
    expect(await problemOf(again)).toMatchObject({ type: 'urn:celeriac:problem:idempotency-key-reused' });
  });

  it.each<[what: string, body: unknown, pointers: string[]]>([
    ['nothing of what is needed', {}, ['#/to', '#/message']],
    ['no object', [], ['#']],
    ['a number for an address', { ...asked, to: 5 }, ['#/to']],
    ['no recipient', { ...asked, to: [] }, ['#/to']],
    ['wrong recipients', { ...asked, to: ['ann@example.com', 'nobody', 7] }, ['#/to/1', '#/to/2']],
    ['a header in disguise', { ...asked, to: 'ann@example.com\r\nBcc: eve@example.com' }, ['#/to']],
    ['a megabyte of <', { ...asked, to: ['<'.repeat(1_000_000)] }, ['#/to/0']],
    ['500 recipients', { ...asked, to: Array.from({ length: 500 }, (_, n) => `a${n}@example.com`) }, ['#/to']],
    ['a subject of two lines', { ...asked, subject: 'Hi\r\nBcc: eve@example.com' }, ['#/subject']],
    ['a long message', { ...asked, message: 'x'.repeat(50_001) }, ['#/message']],
    ['a NUL', { ...asked, message: 'a\0b' }, ['#/message']],
    ['half a character', { ...asked, subject: '\ud83d' }, ['#/subject']],
    ['something else', { ...asked, cc: 'eve@example.com' }, ['#']],
    ['deep JSON', `{"to":${'['.repeat(100_000)}${']'.repeat(100_000)},"message":"x"}`, ['#/to/0']],
  ])('says where a body is wrong: %s', async (_what, body, pointers) => {
    const response = await post(body);
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(problem.errors?.every(({ detail }) => detail.length > 5)).toBe(true);
  });

  it('refuses what is no UTF-8, which would become another text', async () => {
    const body = Buffer.concat([
      Buffer.from('{"to":"ann@example.com","message":"'),
      Buffer.from([0xe4]),
      Buffer.from('"}'),
    ]);
    const response = await fetch(`${web.url}/api/mails`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await problemOf(response)).toMatchObject({ status: 400, detail: 'The body is not in UTF-8.' });
  });

  it.each<[query: string, parameter: string, detail: string]>([
    ['limit=0', 'limit', 'Give a whole number from 1 to 100.'],
    ['limit=1000', 'limit', 'Give a whole number from 1 to 100.'],
    ['limit=1.5', 'limit', 'Give a whole number from 1 to 100.'],
    ['limit=many', 'limit', 'Give a whole number from 1 to 100.'],
    ['recipent=ann', 'recipent', 'There is no parameter “recipent”.'],
  ])('says what is wrong with ?%s', async (query, parameter, detail) => {
    const problem = await problemOf(await fetch(`${web.url}/api/mails?${query}`));
    expect(problem).toMatchObject({ status: 400, errors: [{ parameter, detail }] });
  });

  it('names the limit to who has too many recipients', async () => {
    const response = await post({ ...asked, to: Array.from({ length: 500 }, (_, n) => `a${n}@example.com`) });
    expect((await problemOf(response)).detail).toBe('At most 50 addresses at a time; these are 500.');
  });

  it.each<[status: number, what: string, body: string, headers: Record<string, string>]>([
    [400, 'no JSON', '{"to":', {}],
    [400, 'an empty body', '', {}],
    [400, 'a key that is too long', JSON.stringify(asked), { 'idempotency-key': 'k'.repeat(256) }],
    [400, 'an empty key', JSON.stringify(asked), { 'idempotency-key': '' }],
    [400, 'a prototype', '{"to":"ann@example.com","message":"x","__proto__":{"a":1}}', {}],
    [413, 'too much', JSON.stringify({ ...asked, message: 'x'.repeat(1_100_000) }), {}],
    [415, 'text', JSON.stringify(asked), { 'content-type': 'text/plain' }],
    [415, 'a form', 'to=ann@example.com&message=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    [415, 'something like JSON', JSON.stringify(asked), { 'content-type': 'application/json5' }],
    [415, 'compressed JSON', JSON.stringify(asked), { 'content-encoding': 'gzip' }],
    [403, 'a page of somebody else', JSON.stringify(asked), { origin: 'https://evil.example' }],
    [403, 'a page without origin', JSON.stringify(asked), { origin: 'null' }],
    [403, 'a page of another port', JSON.stringify(asked), { 'sec-fetch-site': 'same-site' }],
    [403, 'a page of another site', JSON.stringify(asked), { 'sec-fetch-site': 'cross-site' }],
  ])('answers %d to %s', async (status, _what, body, headers) => {
    const response = await post(body, headers);
    expect((await problemOf(response)).status).toBe(status);
  });

  it('takes mails from its own pages', async () => {
    const origin = new URL(web.url).origin;
    const given: Array<Record<string, string>> = [
      { origin },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ];
    const answers = await Promise.all(given.map((headers) => post(asked, headers)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  });

  it.each<[status: number, method: string, path: string, allow: string | null]>([
    [404, 'GET', '/api', null],
    [404, 'GET', '/api/nothing', null],
    [404, 'GET', '/api/mails/nonsense', null],
    [404, 'GET', `/api/mails/${randomUUID()}`, null],
    [404, 'POST', '/api/nothing', null],
    [400, 'GET', '/api/%zz', null],
    [405, 'DELETE', `/api/mails/${randomUUID()}`, 'GET, HEAD'],
  ])('answers %d to %s %s', async (status, method, path, allow) => {
    const response = await fetch(web.url + path, { method });
    expect(response.headers.get('allow')).toBe(allow);
    expect((await problemOf(response)).status).toBe(status);
  });

  it('answers 503 while the database is away, and when to come back', async () => {
    web.line.refuse();
    const answers = await Promise.all([post(asked), fetch(`${web.url}/api/mails/${randomUUID()}`)]);
    for (const answer of answers) {
      expect((await problemOf(answer)).status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    web.line.accept();
    expect((await post(asked)).status).toBe(202);
  });

  it('answers 429 to who sends too often, and when to come back', async () => {
    const busy = await startWebApp(web.database.url, { RATE_LIMIT_PER_MINUTE: '2' });
    const send = (): Promise<Response> =>
      fetch(`${busy.url}/api/mails`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect([(await send()).status, (await send()).status]).toEqual([422, 422]);
    const limited = await send();
    expect(await problemOf(limited)).toMatchObject({ status: 429, title: 'Too Many Requests' });
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await busy.process.stop()).toBe(0);
  });
});
