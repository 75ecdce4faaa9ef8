import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadForm } from '../fixtures/form.js';
import { startWebPlace, type WebPlace } from '../fixtures/web-app.js';

type Action = 'resend' | 'cancel' | 'arrived';

describe('deciding on a mail', () => {
  let web: WebPlace;

  beforeAll(async () => {
    web = await startWebPlace();
  });

  afterAll(async () => {
    expect(await web.drop()).toBe(0);
  });

  /** A mail to two whose task and recipients are made to be so. @returns its id */
  async function mailWith(task: string, verdicts: Array<string | null> = [null, null]): Promise<string> {
    const response = await fetch(`${web.url}/api/mails`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to: ['ann@example.com', 'bob@example.com'], message: 'Hello' }),
    });
    const { id } = (await response.json()) as { id: string };
    const { dataSource } = web.database;
    await dataSource.query(`UPDATE task SET state = $2 WHERE id = (SELECT task_id FROM mail WHERE id = $1)`, [
      id,
      task,
    ]);
    for (const [position, verdict] of verdicts.entries()) {
      await dataSource.query(`UPDATE mail_recipient SET verdict = $3 WHERE mail_id = $1 AND position = $2`, [
        id,
        position,
        verdict,
      ]);
    }
    return id;
  }

  function post(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(web.url + path, { method: 'POST', headers, redirect: 'manual' });
  }

  async function statesOf(id: string): Promise<string[]> {
    const response = await fetch(`${web.url}/api/mails/${id}`);
    const { state, recipients } = (await response.json()) as { state: string; recipients: Array<{ state: string }> };
    return [state, ...recipients.map((recipient) => recipient.state)];
  }

  it.each<[action: Action, task: string, verdicts: Array<string | null>, states: string[]]>([
    ['cancel', 'PENDING', [null, null], ['canceled', 'canceled', 'canceled']],
    ['cancel', 'RETRY', ['accepted', null], ['canceled', 'sent', 'canceled']],
    ['resend', 'FAILURE', [null, null], ['queued', 'queued', 'queued']],
    ['resend', 'FAILURE', ['accepted', 'refused'], ['queued', 'sent', 'queued']],
    ['resend', 'FAILURE', ['uncertain', 'uncertain'], ['queued', 'queued', 'queued']],
    ['resend', 'REVOKED', [null, null], ['queued', 'queued', 'queued']],
    ['arrived', 'FAILURE', ['uncertain', 'uncertain'], ['arrived', 'arrived', 'arrived']],
  ])('%s of a mail with task %s and verdicts %j', async (action, task, verdicts, states) => {
    const id = await mailWith(task, verdicts);
    const response = await post(`/api/mails/${id}/${action}`);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id, state: states[0] });
    expect(await statesOf(id)).toEqual(states);
  });

  it.each<[action: Action, task: string, verdicts: Array<string | null>]>([
    ['cancel', 'STARTED', [null, null]],
    ['cancel', 'SUCCESS', ['accepted', 'accepted']],
    ['resend', 'PENDING', [null, null]],
    ['resend', 'SUCCESS', ['accepted', 'accepted']],
    ['resend', 'FAILURE', ['arrived', 'accepted']],
    ['arrived', 'FAILURE', ['refused', 'accepted']],
    ['arrived', 'PENDING', [null, null]],
  ])('refuses %s of a mail with task %s and verdicts %j', async (action, task, verdicts) => {
    const id = await mailWith(task, verdicts);
    const before = await statesOf(id);
    const response = await post(`/api/mails/${id}/${action}`);
    expect(response.status).toBe(409);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ type: 'urn:celeriac:problem:action-refused', status: 409 });
    expect(await statesOf(id)).toEqual(before);
  });

  it.each<[status: number, path: (id: string) => string, headers: Record<string, string>]>([
    [404, () => `/api/mails/${randomUUID()}/resend`, {}],
    [404, (id) => `/api/mails/${id}/delete`, {}],
    [404, (id) => `/api/mails/${id}/constructor`, {}],
    [403, (id) => `/api/mails/${id}/cancel`, { origin: 'https://evil.example' }],
    [403, (id) => `/api/mails/${id}/cancel`, { 'sec-fetch-site': 'cross-site' }],
    // A page's button, without the token of the page.
    [403, (id) => `/mails/${id}/cancel`, {}],
  ])('answers %d', async (status, path, headers) => {
    const id = await mailWith('PENDING');
    expect((await post(path(id), headers)).status).toBe(status);
    expect(await statesOf(id)).toEqual(['queued', 'queued', 'queued']);
  });

  it('sends a mail once more for two who ask for it at the same time', async () => {
    const id = await mailWith('FAILURE');
    const answers = await Promise.all([post(`/api/mails/${id}/resend`), post(`/api/mails/${id}/resend`)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409]);
  });

  it('sends nothing twice for who repeats his call after the mail has failed once more', async () => {
    const id = await mailWith('FAILURE');
    const resend = (body?: object): Promise<Response> =>
      fetch(`${web.url}/api/mails/${id}/resend`, {
        method: 'POST',
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    expect((await resend()).status).toBe(202);
    expect((await post(`/api/mails/${id}/cancel`)).status).toBe(202);
    for (const body of [undefined, {}, { resends: 0 }]) {
      const refused = await resend(body);
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({
        type: 'urn:celeriac:problem:sent-again-meanwhile',
        detail: expect.stringContaining('"resends": 1'),
      });
    }
    expect(await (await fetch(`${web.url}/api/mails/${id}`)).json()).toMatchObject({ state: 'canceled', resends: 1 });
    expect((await resend({ resends: 1 })).status).toBe(202);
    expect((await resend({ resends: '2' })).status).toBe(422);
    expect((await resend({ resend: 2 })).status).toBe(422);
  });

  it('does what the button of a page says, and says on the page when that is not possible any more', async () => {
    const id = await mailWith('PENDING');
    const { cookie, csrfToken } = await loadForm(web.url);
    const press = (): Promise<Response> =>
      fetch(`${web.url}/mails/${id}/cancel`, {
        method: 'POST',
        headers: { cookie },
        body: new URLSearchParams({ _csrf: csrfToken }),
        redirect: 'manual',
      });
    const done = await press();
    expect([done.status, done.headers.get('location')]).toEqual([303, `/mails/${id}`]);
    const refused = await press();
    expect(refused.status).toBe(409);
    const html = await refused.text();
    expect(html).toContain('The mail does not wait any more.');
    expect(html).toContain('data-state="canceled"');
  });

  it('has on the live page the token that its buttons need', async () => {
    const id = await mailWith('PENDING');
    const { cookie } = await loadForm(web.url);
    const stream = await fetch(`${web.url}/mails/${id}/events`, { headers: { cookie } });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    const token = await firstMatch(stream, /name="_csrf" value="([^"]+)"/);
    const pressed = await fetch(`${web.url}/mails/${id}/cancel`, {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams({ _csrf: token.replaceAll('&#x3D;', '=') }),
      redirect: 'manual',
    });
    expect(pressed.status).toBe(303);
  });

  it('ends the stream of a mail that has ended', async () => {
    const id = await mailWith('SUCCESS', ['accepted', 'accepted']);
    const text = await (await fetch(`${web.url}/mails/${id}/events`)).text();
    expect(text.match(/^event: mail$/gm)).toHaveLength(1);
    expect(text).toContain('data-state="sent"');
  });
});

/** Reads until the first group of the pattern is there. */
async function firstMatch(response: Response, pattern: RegExp): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const [, found] = pattern.exec(text) ?? [];
    if (found !== undefined) return found;
  }
  throw new Error(`The stream ended: ${text}`);
}
