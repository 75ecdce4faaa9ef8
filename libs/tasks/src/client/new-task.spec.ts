import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from '../contract/define-task.js';
import { TaskRouter } from '../routes/task-router.js';
import { newTask } from './new-task.js';

interface Fixture {
  properties: Record<string, unknown>;
  headers: Record<string, unknown>;
  body: [args: unknown[], kwargs: Record<string, unknown>, embed: unknown];
}

/** What real Celery sent for a call with args and kwargs. */
const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '../protocol/fixtures/tasks/kwargs.1-task-kw.json'), 'utf8'),
) as Fixture;

const ID = '0198c0de-0000-7000-8000-000000000001';
const contract = defineTask({ name: 'cap.kw', queue: 'mail', input: z.object({}) });

describe('newTask', () => {
  it("has the headers of Celery's own message, with the input as kwargs", () => {
    const [, kwargs] = fixture.body;
    const { envelope } = newTask(contract, ID, kwargs, 0).message;
    expect(envelope.headers).toEqual({
      ...fixture.headers,
      lang: 'js',
      id: ID,
      root_id: ID,
      argsrepr: '()',
      origin: `gen${process.pid}@${hostname()}`,
    });
    expect(envelope.headers['kwargsrepr']).toBe("{'a': 'ä€😀', 'b': None}");
  });

  it("has the properties of Celery's own message; nobody waits for a result", () => {
    const { properties } = newTask(contract, ID, {}, 0).message.envelope;
    expect(properties).toEqual({
      contentType: fixture.properties['content_type'],
      contentEncoding: fixture.properties['content_encoding'],
      deliveryMode: fixture.properties['delivery_mode'],
      priority: fixture.properties['priority'],
      correlationId: ID,
    });
  });

  it("has the body of Celery's own message, without args", () => {
    const [, kwargs, embed] = fixture.body;
    expect(JSON.parse(newTask(contract, ID, kwargs, 0).message.body.toString())).toEqual([[], kwargs, embed]);
  });

  it('goes to the exchange and with the key of its queue', () => {
    expect(newTask(contract, ID, {}, 10_000)).toMatchObject({
      id: ID,
      name: 'cap.kw',
      queue: 'mail',
      message: { exchange: 'mail', routingKey: 'mail' },
      expiresAt: null,
      leaseMs: 10_000,
    });
  });

  it("goes to another's queue by the default exchange, and asks to be told how it ends", () => {
    const task = newTask(
      { ...contract, ignoreResult: true },
      ID,
      {},
      0,
      { queue: 'python' },
      new TaskRouter({ queues: ['mail'] }),
    );
    expect(task).toMatchObject({
      queue: 'python',
      isElsewhere: true,
      message: {
        exchange: '',
        routingKey: 'python',
        envelope: { properties: { replyTo: 'celeriac.results' }, headers: { ignore_result: false } },
      },
    });
  });

  it('gives each outbox row an id of its own, in the order of time', () => {
    const ids = Array.from({ length: 20 }, () => newTask(contract, ID, {}, 0).outboxId);
    expect(new Set(ids).size).toBe(20);
    expect(ids.toSorted()).toEqual(ids);
  });

  it.each(['', 'ä'.repeat(123)])('refuses the id "%s", which no message can carry', (id) => {
    expect(() => newTask(contract, id, {}, 0)).toThrow(/id must have 1 to 244 bytes/);
  });
});
