import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pythonException } from './python-exception.js';
import { encodeResultMessage, type PythonException, type ResultTuple, type TaskResult } from './result-message.js';

/** A result as Celery 5.2.6 sent it. */
interface Fixture {
  exchange: string;
  properties: Record<string, unknown>;
  headers: Record<string, unknown>;
  body: {
    task_id: string;
    status: TaskResult['status'];
    result: unknown;
    traceback: string | null;
    children: ResultTuple[];
  };
}

const folder = join(import.meta.dirname, 'fixtures', 'results');
const names = readdirSync(folder);

function load(name: string): Fixture {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Fixture;
}

describe('captured results', () => {
  it.each(names)('%s is encoded as Celery did', (name) => {
    const { properties, headers, body } = load(name);
    const { task_id: taskId, ...rest } = body;
    const message = encodeResultMessage({ taskId, correlationId: null, ...rest });
    expect(message.properties).toEqual({
      contentType: properties['content_type'],
      contentEncoding: properties['content_encoding'],
      correlationId: properties['correlation_id'],
      deliveryMode: properties['delivery_mode'],
      priority: properties['priority'],
    });
    expect(message.headers).toEqual(headers);
    expect(JSON.parse(message.body.toString())).toEqual(body);
  });

  it.each(names.filter((name) => !name.includes('SUCCESS')))('%s has an exception that is found there', (name) => {
    const { exc_type: type, exc_module } = load(name).body.result as PythonException;
    expect(pythonException({ type, message: 'why' })).toEqual({ exc_type: type, exc_message: ['why'], exc_module });
  });

  it("keeps the caller's correlation id, and what returns nothing is null", () => {
    const result = { status: 'SUCCESS', result: undefined, traceback: null, children: [] } as const;
    const message = encodeResultMessage({ ...result, taskId: 'a', correlationId: 'b', children: [] });
    expect(message.properties.correlationId).toBe('b');
    expect(JSON.parse(message.body.toString())).toMatchObject({ task_id: 'a', result: null });
  });
});

describe('pythonException', () => {
  it.each([
    ['TypeError', 'builtins'],
    ['RangeError', 'celeriac'],
    ['MailRefusedError', 'celeriac'],
    // No exceptions, or ones that end the client.
    ['print', 'celeriac'],
    ['SystemExit', 'celeriac'],
  ])('has %s looked up in %s', (type, module) => {
    expect(pythonException({ type, message: 'm' })).toEqual({ exc_type: type, exc_message: ['m'], exc_module: module });
  });
});
