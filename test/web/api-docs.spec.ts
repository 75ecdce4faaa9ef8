import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { startWebPlace, type WebPlace } from '../fixtures/web-app.js';

type Schema = Parameters<typeof z.fromJSONSchema>[0];

interface Operation {
  operationId: string;
  parameters?: Array<{ name: string }>;
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: { $ref: string } }> }>;
}

interface ApiDocument {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

describe('the description of the API', () => {
  let web: WebPlace;
  let document: ApiDocument;

  beforeAll(async () => {
    web = await startWebPlace();
    document = (await (await fetch(`${web.url}/api/docs-json`)).json()) as ApiDocument;
  });

  afterAll(async () => {
    expect(await web.drop()).toBe(0);
  });

  it('has the API, the whole API and nothing but the API', () => {
    expect(document.openapi).toMatch(/^3\./);
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(operations.toSorted()).toEqual([
      'get /api/mails',
      'get /api/mails/{id}',
      'post /api/mails',
      'post /api/mails/{id}/{action}',
    ]);
  });

  it('says that one recipient needs no list', () => {
    const body = document.paths['/api/mails']?.['post']?.requestBody?.content['application/json']?.schema ?? {};
    const described = z.fromJSONSchema(body, { defaultTarget: 'openapi-3.0' });
    for (const to of ['ann@example.com', ['ann@example.com', 'bob@example.com']]) {
      expect(described.safeParse({ to, message: 'Hello' }).error?.issues).toBeUndefined();
    }
    expect(described.safeParse({ to: 5, message: 'Hello' }).success).toBe(false);
  });

  it('says what a decision may be on, and that it may be on none', () => {
    const body = document.paths['/api/mails/{id}/{action}']?.['post']?.requestBody;
    expect(body?.required).toBe(false);
    expect(body?.content['application/json']?.schema).toMatchObject({ properties: { resends: { type: 'integer' } } });
  });

  it('has the parameters of the list', () => {
    const names = document.paths['/api/mails']?.['get']?.parameters?.map(({ name }) => name);
    expect(names).toEqual(['state', 'recipient', 'text', 'since', 'until', 'limit', 'before', 'after']);
  });

  it.each<[what: string, path: string, status: number, ask: () => Promise<Response>]>([
    ['post', '/api/mails', 202, () => send({ to: 'ann@example.com', message: 'Hello' })],
    ['post', '/api/mails', 422, () => send({})],
    ['post', '/api/mails', 415, () => fetch(`${web.url}/api/mails`, { method: 'POST', body: 'text' })],
    ['get', '/api/mails', 200, () => fetch(`${web.url}/api/mails`)],
    ['get', '/api/mails', 400, () => fetch(`${web.url}/api/mails?state=x`)],
    ['get', '/api/mails/{id}', 404, () => fetch(`${web.url}/api/mails/${randomUUID()}`)],
    ['get', '/api/mails/{id}', 200, async () => fetch(`${web.url}/api/mails/${await newMail()}`)],
    [
      'post',
      '/api/mails/{id}/{action}',
      202,
      async () => fetch(`${web.url}/api/mails/${await newMail()}/cancel`, { method: 'POST' }),
    ],
    [
      'post',
      '/api/mails/{id}/{action}',
      409,
      async () => fetch(`${web.url}/api/mails/${await newMail()}/resend`, { method: 'POST' }),
    ],
  ])('tells what %s %s answers with %d', async (method, path, status, ask) => {
    const response = await ask();
    expect(response.status).toBe(status);
    const contents = document.paths[path]?.[method]?.responses[status]?.content ?? {};
    const type = response.headers.get('content-type')?.replace(/;.*/, '') ?? '';
    const name = contents[type]?.schema.$ref.replace('#/components/schemas/', '') ?? '';
    const schema = document.components.schemas[name];
    expect(schema).toBeDefined();
    const described = z.fromJSONSchema(schema ?? {}, { defaultTarget: 'openapi-3.0' });
    expect(described.safeParse(await response.json()).error?.issues).toBeUndefined();
  });

  it('has a page whose policy lets styles in, and no other page has', async () => {
    const policyOf = async (path: string): Promise<string> =>
      (await fetch(web.url + path)).headers.get('content-security-policy') ?? '';
    expect(await policyOf('/api/docs')).toContain("style-src 'self' 'unsafe-inline'");
    expect(await policyOf('/api/docs')).toContain("default-src 'self'");
    expect(await policyOf('/api/docs')).not.toMatch(/script-src|unsafe-eval/);
    for (const path of ['/', '/mails', '/api/mails', '/api/docs-json', '/api/docs/nothing', '/api/docsx']) {
      expect(await policyOf(path)).not.toContain('unsafe');
    }
  });

  function send(body: object): Promise<Response> {
    return fetch(`${web.url}/api/mails`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async function newMail(): Promise<string> {
    const { id } = (await (await send({ to: 'ann@example.com', message: 'Hello' })).json()) as { id: string };
    return id;
  }
});
