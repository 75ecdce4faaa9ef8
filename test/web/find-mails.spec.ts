import { randomUUID } from 'node:crypto';
import { MailSearch, type MailFilter, type MailPage } from '@celeriac/mail';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWebPlace, type WebPlace } from '../fixtures/web-app.js';

interface Listed {
  mails: Array<{ id: string; state: string; subject: string; recipients: Array<{ address: string }> }>;
  next: string | null;
  previous: string | null;
  complete: boolean;
}

/** What a mail is to be like: its subject is its number. */
interface Sample {
  to: string[];
  task: string;
  verdict: string | null;
}

const STATES: Array<[task: string, verdict: string | null, state: string]> = [
  ['PENDING', null, 'queued'],
  ['STARTED', null, 'sending'],
  ['RETRY', null, 'retrying'],
  ['SUCCESS', 'accepted', 'sent'],
  ['FAILURE', 'refused', 'refused'],
  ['FAILURE', null, 'failed'],
  ['SUCCESS', 'uncertain', 'uncertain'],
  ['FAILURE', 'arrived', 'arrived'],
  ['REVOKED', null, 'canceled'],
];

describe('finding mails', () => {
  let web: WebPlace;
  /** Oldest first. */
  const ids: string[] = [];

  beforeAll(async () => {
    web = await startWebPlace();
    const samples = Array.from({ length: 5 }, () => STATES).flat();
    for (const [n, [task, verdict]] of samples.entries()) {
      const to = n % 2 === 0 ? ['ann@example.com'] : ['Bob@example.org', 'eve_x@xn--exmple-cua.com'];
      ids.push(await addMail(n, { to, task, verdict }));
    }
  });

  afterAll(async () => {
    expect(await web.drop()).toBe(0);
  });

  async function addMail(n: number, { to, task, verdict }: Sample): Promise<string> {
    const response = await fetch(`${web.url}/api/mails`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to, subject: String(n), message: n === 5 ? 'Save 50% on Käse' : `Hello ${n}` }),
    });
    const { id } = (await response.json()) as { id: string };
    const { dataSource } = web.database;
    await dataSource.query(`UPDATE task SET state = $2 WHERE id = (SELECT task_id FROM mail WHERE id = $1)`, [
      id,
      task,
    ]);
    await dataSource.query(`UPDATE mail_recipient SET verdict = $2 WHERE mail_id = $1`, [id, verdict]);
    return id;
  }

  async function list(query: string | Record<string, string>): Promise<Listed> {
    const path = typeof query === 'string' ? query : `/api/mails?${new URLSearchParams(query).toString()}`;
    const response = await fetch(web.url + path);
    expect(response.status).toBe(200);
    return (await response.json()) as Listed;
  }

  const subjects = (page: Listed | undefined): number[] => (page?.mails ?? []).map(({ subject }) => Number(subject));

  it.each(STATES.map(([, , state]) => state))('by state: %s', async (state) => {
    const found = await list({ state });
    expect(found.mails).toHaveLength(5);
    expect(new Set(found.mails.map((mail) => mail.state))).toEqual(new Set([state]));
    expect(found).toMatchObject({ next: null, previous: null, complete: true });
  });

  it.each<[query: Record<string, string>, found: number]>([
    [{ recipient: 'ann@example.com' }, 23],
    [{ recipient: 'ANN' }, 23],
    [{ recipient: 'bob@EXAMPLE.org' }, 22],
    [{ recipient: 'eve_x@exämple.com' }, 22],
    [{ recipient: 'eveXx' }, 0],
    [{ text: 'hello' }, 44],
    [{ text: '50% on käse' }, 1],
    [{ text: '%' }, 1],
    [{ text: '_' }, 0],
    [{ text: '\\' }, 0],
    [{ text: '41' }, 1],
    [{ text: '41', recipient: 'ann' }, 0],
    [{ state: 'sent', recipient: 'ann' }, 2],
  ])('by %j: %d', async (query, found) => {
    expect((await list({ ...query, limit: '100' })).mails).toHaveLength(found);
  });

  it('by time: from the one moment until before the other', async () => {
    const rows: Array<{ id: string; created_at: Date }> = await web.database.dataSource.query(
      `SELECT id, created_at FROM mail ORDER BY id`,
    );
    const times = rows.map((row) => row.created_at);
    const [since, until] = [times[10] ?? new Date(0), times[30] ?? new Date(0)];
    const expected = times.flatMap((time, n) => (time >= since && time < until ? [n] : [])).toReversed();
    const found = await list({ since: since.toISOString(), until: until.toISOString(), limit: '100' });
    expect(subjects(found)).toEqual(expected);
  });

  it.each<[query: Record<string, string>, size: number]>([
    [{}, 45],
    [{ recipient: 'ann' }, 23],
    [{ state: 'queued' }, 5],
  ])('goes through the pages of %j and back', async (query, size) => {
    const forth: number[] = [];
    const pages: Listed[] = [];
    for (let path: string | null = `/api/mails?${new URLSearchParams({ ...query, limit: '5' }).toString()}`; path;) {
      const page = await list(path);
      pages.push(page);
      forth.push(...subjects(page));
      path = page.next;
    }
    expect(forth).toHaveLength(size);
    expect(forth).toEqual(forth.toSorted((a, b) => b - a));
    expect(pages[0]?.previous).toBeNull();
    for (let n = pages.length - 1; n > 0; n -= 1) {
      expect(subjects(await list(pages[n]?.previous ?? ''))).toEqual(subjects(pages[n - 1]));
    }
  });

  it.each<[query: string, parameter: string]>([
    ['state=done', 'state'],
    ['status=sent', 'status'],
    ['state=sent&state=failed', 'state'],
    ['limit=0', 'limit'],
    ['limit=many', 'limit'],
    ['limit=1000', 'limit'],
    ['since=yesterday', 'since'],
    ['before=1', 'before'],
    ['text=', 'text'],
    ['text=%00', 'text'],
    [`text=${'x'.repeat(300)}`, 'text'],
    [`before=${randomUUID()}&after=${randomUUID()}`, 'after'],
  ])('refuses the query %s', async (query, parameter) => {
    const response = await fetch(`${web.url}/api/mails?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ status: 400, errors: [{ parameter }] });
  });

  it('says on the page what it cannot look for', async () => {
    const html = await (await fetch(`${web.url}/mails?text=${'x'.repeat(201)}&recipient=ann`)).text();
    expect(html).toContain('“Subject or message” was left out: it has more than 200 characters.');
    expect(html).toContain('Only: <strong>to ann</strong>');
    expect(html.match(/maxlength="200"/g)).toHaveLength(2);
    expect(await (await fetch(`${web.url}/mails?text=menu`)).text()).not.toContain('was left out');
  });

  describe('that are many', () => {
    let search: MailSearch;
    const MANY = 2500;

    beforeAll(async () => {
      search = new MailSearch(web.database.dataSource);
      // Older than the others, so that those are on the way.
      await web.database.dataSource.query(
        `INSERT INTO mail (id, task_id, idempotency_key, subject, message, created_at)
         SELECT ('00000000-' || lpad(to_hex(n), 4, '0') || '-7000-8000-000000000000')::uuid, n::text, n::text,
                CASE WHEN n = 1 THEN 'needle' ELSE 'hay' END, 'old', to_timestamp(n / 1000.0)
         FROM generate_series(1, $1::int) AS n`,
        [MANY],
      );
    });

    it('stops when it has looked for long enough, says so, and goes on from there', async () => {
      const filter: MailFilter = { text: 'needle' };
      const pages: MailPage[] = [];
      for (let before: string | null | undefined; before !== null; before = pages.at(-1)?.older ?? null) {
        pages.push(await search.page(filter, 5, before === undefined ? {} : { before }, 0));
      }
      expect(pages.map(({ records }) => records.length)).toEqual([0, 0, 1]);
      expect(pages.map(({ givenUpAt }) => givenUpAt !== null)).toEqual([true, true, false]);
      expect(pages.at(-1)?.records[0]?.mail.subject).toBe('needle');
    });

    it('finds what is far away in one go when there is time', async () => {
      const page = await search.page({ text: 'needle' }, 5, {}, 60_000);
      expect(page).toMatchObject({ older: null, givenUpAt: null, records: [{ mail: { subject: 'needle' } }] });
    });
  });
});
