import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWebPlace, type WebPlace } from '../fixtures/web-app.js';

interface Answer {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

const LONG = 'x'.repeat(101);

describe('an address that cannot be read', () => {
  let web: WebPlace;

  beforeAll(async () => {
    web = await startWebPlace();
  });

  afterAll(async () => {
    expect(await web.drop()).toBe(0);
  });

  /** Not with fetch, which tidies paths up and names the host itself. */
  function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    const { hostname, port } = new URL(web.url);
    return new Promise((resolve, reject) => {
      request({ hostname, port, path, headers, method }, (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode, headers: response.headers, body }),
          reject,
        );
      })
        .on('error', reject)
        .end();
    });
  }

  it.each<[path: string, status: number, words: string]>([
    ['/%', 400, 'This address cannot be read.'],
    ['/%ff', 400, 'This address cannot be read.'],
    ['/mails/%ff', 400, 'This address cannot be read.'],
    ['/mails/%ff/events', 400, 'This address cannot be read.'],
    ['/assets/%ff', 400, 'This address cannot be read.'],
    [`/mails/${LONG}`, 414, 'No address here is that long.'],
    [`/mails/${LONG}/events`, 414, 'No address here is that long.'],
  ])('%s has a page that says so, with the headers of all pages', async (path, status, words) => {
    const page = await ask('/mails/nothing');
    expect(page.status).toBe(404);
    for (const method of ['GET', 'POST']) {
      const answer = await ask(path, {}, method);
      expect(answer.status).toBe(status);
      expect(answer.body).toContain(words);
      expect(answer.body).toContain('<h1>');
      expect(Object.keys(answer.headers)).toEqual(Object.keys(page.headers));
      for (const name of ['content-type', 'content-security-policy', 'x-content-type-options', 'cache-control']) {
        expect(answer.headers[name]).toBe(page.headers[name]);
      }
    }
    expect(web.process.running).toBe(true);
  });

  it.each<[path: string, status: number]>([
    ['/api/%', 400],
    ['/api/mails/%ff', 400],
    [`/api/mails/${LONG}`, 414],
    [`/api/mails/${LONG}/resend`, 414],
  ])('%s is answered with problem details', async (path, status) => {
    const { headers, body } = await ask(path);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(headers['content-security-policy']).toBeDefined();
    expect(JSON.parse(body)).toMatchObject({ status, detail: expect.stringContaining('Check the link') });
  });

  it.each(['/%', '/api/%', `/mails/${LONG}`])(
    '%s is not there under a name that is not of this machine',
    async (path) => {
      const { status, body } = await ask(path, { host: 'evil.example' });
      expect(status).toBe(403);
      expect(body).toContain('not one of ours');
    },
  );

  it.each<[what: string, path: string, headers: Record<string, string>]>([
    ['a host that is none', '/', { host: '[' }],
    ['no host', '/', { host: '' }],
    ['a cookie that cannot be decoded', '/', { cookie: 'celeriac_csrf=%' }],
    ['a query that cannot be decoded', '/mails?text=%ff&state=%', {}],
    ['an origin that is none', '/api/mails', { origin: '%' }],
    ['a type that is none', '/api/mails', { 'content-type': ';' }],
    ['a file that cannot be', '/assets/%00', {}],
  ])('outlives %s', async (_what, path, headers) => {
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS', 'PROPFIND']) {
      const { status } = await ask(path, headers, method);
      expect(status).toBeLessThan(500);
    }
    expect((await ask('/livez')).status).toBe(200);
  });
});
