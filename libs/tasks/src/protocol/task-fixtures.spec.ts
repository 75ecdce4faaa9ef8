import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decodeTaskMessage } from './decode-task-message.js';
import { continueTaskMessage, encodeTaskMessage } from './encode-task-message.js';
import type { TaskMessage } from './task-message.js';

/** A task message captured from the real Celery 5.2.6 (folders `tasks`, `canvas`) or 5.6.2 (folder `celery56`). */
interface Fixture {
  properties: {
    content_type: string;
    content_encoding: string;
    correlation_id: string;
    reply_to: string;
    delivery_mode: 1 | 2;
    priority?: number;
  };
  headers: Record<string, unknown>;
  body: unknown;
  bodyEncoding: 'json' | 'base64';
}

const folder = join(import.meta.dirname, 'fixtures');
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /tasks\/.*\.json$/.test(name),
);

function load(name: string): { fixture: Fixture; message: TaskMessage } {
  const fixture = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Fixture;
  const { properties: p, headers, body, bodyEncoding } = fixture;
  const properties: TaskMessage['properties'] = {
    contentType: p.content_type,
    contentEncoding: p.content_encoding,
    correlationId: p.correlation_id,
    replyTo: p.reply_to,
    deliveryMode: p.delivery_mode,
  };
  if (p.priority !== undefined) properties.priority = p.priority;
  const bytes = bodyEncoding === 'json' ? Buffer.from(JSON.stringify(body)) : Buffer.from(body as string, 'base64');
  return { fixture, message: { properties, headers, body: bytes } };
}

const isBzip2 = (name: string) => name.includes('bzip2');
const readable = names.filter((name) => !isBzip2(name));

describe('captured task messages', () => {
  it('has fixtures of both versions', () => {
    expect(names.some((name) => name.startsWith('tasks'))).toBe(true);
    expect(names.some((name) => name.startsWith('celery56'))).toBe(true);
  });

  it.each(readable)('%s is decoded to its meaning', (name) => {
    const { fixture, message } = load(name);
    const { headers: h, properties: p } = fixture;
    const request = decodeTaskMessage(message);
    const [hard, soft] = h['timelimit'] as (number | null)[];
    const time = (key: string) => (h[key] === null ? null : (h[key] as string).slice(0, 23));
    const [args, kwargs, embed] = fixture.bodyEncoding === 'json' ? (fixture.body as unknown[]) : [[2, 3], {}];
    expect({
      ...request,
      eta: request.eta && request.eta.toISOString().slice(0, 23),
      expires: request.expires && request.expires.toISOString().slice(0, 23),
    }).toEqual({
      id: h['id'],
      name: h['task'],
      args,
      kwargs,
      embed: embed ?? { callbacks: null, errbacks: null, chain: null, chord: null },
      retries: h['retries'],
      generation: null,
      eta: time('eta'),
      expires: time('expires'),
      timeLimitSeconds: hard,
      softTimeLimitSeconds: soft,
      rootId: h['root_id'],
      parentId: h['parent_id'],
      group: h['group'],
      groupIndex: h['group_index'],
      shadow: h['shadow'],
      ignoreResult: h['ignore_result'],
      replyTo: p.reply_to,
      correlationId: p.correlation_id,
      priority: p.priority ?? null,
      origin: h['origin'],
      lang: 'py',
      userHeaders: Object.fromEntries(
        Object.entries(h).filter(([key]) =>
          ['x-tenant', 'n', 'replaced_task_nesting', 'stamped_headers', 'stamps'].includes(key),
        ),
      ),
    });
  });

  it.each(readable)('%s is encoded to the same headers, properties and body', (name) => {
    const { fixture, message } = load(name);
    const again = encodeTaskMessage(decodeTaskMessage(message));
    const { compression: _, ...headers } = fixture.headers;
    expect(again.headers).toEqual({
      ...headers,
      lang: 'js',
      // A Date has milliseconds, and times without offset are UTC.
      eta: inMilliseconds(headers['eta']),
      expires: inMilliseconds(headers['expires']),
      // Python keeps a list of the caller a list here; ours are always tuples.
      argsrepr: (headers['argsrepr'] as string).replace(/^\[(.*)\]$/, (_all, inner: string) =>
        inner.includes(',') ? `(${inner})` : `(${inner},)`,
      ),
    });
    expect(again.properties).toEqual(message.properties);
    if (fixture.bodyEncoding === 'json') expect(JSON.parse(again.body.toString())).toEqual(fixture.body);
  });

  it('refuses a bzip2 body and says what it can read', () => {
    const { message } = load('tasks/bzip2.1-task-add.json');
    expect(() => decodeTaskMessage(message)).toThrow(
      /compression: only application\/x-gzip .* got "application\/x-bz2"/,
    );
  });

  it.each(['tasks', 'celery56/tasks'])('continues the first message of a retry in %s as Python did', (version) => {
    const first = load(`${version}/retry.1-task-retry_me.json`).message;
    const second = load(`${version}/retry.2-task-retry_me.json`).message;
    const eta = decodeTaskMessage(second).eta;
    const continued = continueTaskMessage(first, { generation: 1, retries: 1, eta });
    expect(continued).toEqual({
      properties: { ...second.properties, messageId: `${String(first.headers['id'])}.1` },
      headers: {
        ...second.headers,
        'celeriac-generation': 1,
        eta: inMilliseconds(second.headers['eta']),
        origin: first.headers['origin'],
      },
      body: first.body,
    });
  });
});

function inMilliseconds(time: unknown): unknown {
  return typeof time === 'string' ? `${time.slice(0, 23)}000+00:00` : time;
}
