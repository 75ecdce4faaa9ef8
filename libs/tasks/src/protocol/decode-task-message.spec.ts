import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { decodeTaskMessage } from './decode-task-message.js';
import type { MessageProperties, TaskMessage } from './task-message.js';
import { UndecodableMessageError } from './undecodable-message.error.js';

function message(
  headers: Record<string, unknown> = {},
  body: string | Buffer = '[[],{},{}]',
  properties: MessageProperties = {},
): TaskMessage {
  return {
    properties: { contentType: 'application/json', contentEncoding: 'utf-8', ...properties },
    headers: { task: 't', id: 'i', ...headers },
    body: Buffer.from(body as string),
  };
}

function refusal(broken: TaskMessage): UndecodableMessageError {
  try {
    decodeTaskMessage(broken);
  } catch (error) {
    expect(error).toBeInstanceOf(UndecodableMessageError);
    return error as UndecodableMessageError;
  }
  throw new Error('was decoded');
}

describe('decodeTaskMessage: what may be absent', () => {
  it('fills in the defaults', () => {
    expect(decodeTaskMessage(message())).toEqual({
      id: 'i',
      name: 't',
      args: [],
      kwargs: {},
      embed: { callbacks: null, errbacks: null, chain: null, chord: null },
      retries: 0,
      generation: null,
      eta: null,
      expires: null,
      timeLimitSeconds: null,
      softTimeLimitSeconds: null,
      rootId: 'i',
      parentId: null,
      group: null,
      groupIndex: null,
      shadow: null,
      ignoreResult: false,
      replyTo: null,
      correlationId: null,
      priority: null,
      origin: null,
      lang: null,
      userHeaders: {},
    });
  });

  it('takes null for absent', () => {
    const headers = {
      retries: null,
      timelimit: null,
      root_id: null,
      ignore_result: null,
      eta: null,
      compression: null,
    };
    expect(decodeTaskMessage(message(headers, '[[],{},null]'))).toEqual(decodeTaskMessage(message()));
  });

  it.each(['utf-8', 'UTF-8', 'binary', undefined])('takes the content encoding %s', (contentEncoding) => {
    expect(decodeTaskMessage(message({}, '[["ä"],{},{}]', { contentEncoding })).args).toEqual(['ä']);
  });

  it('takes an empty reply_to for none, as Python sends it without a result backend', () => {
    expect(decodeTaskMessage(message({}, undefined, { replyTo: '' })).replyTo).toBeNull();
  });

  it('keeps user headers of any kind, broker headers too', () => {
    const userHeaders = { 'x-tenant': 'acme', raw: Buffer.from('x'), 'x-death': [{ count: 1 }] };
    expect(decodeTaskMessage(message({ ...userHeaders, argsrepr: '()' })).userHeaders).toEqual(userHeaders);
  });

  it('reads our generation', () => {
    expect(decodeTaskMessage(message({ 'celeriac-generation': 7 })).generation).toBe(7);
  });
});

describe('decodeTaskMessage: what is refused', () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    ['no task', { task: undefined }, 'missing_task', 'task'],
    ['an empty task', { task: '' }, 'missing_task', 'task'],
    ['a task that is no text', { task: 5 }, 'header', 'task'],
    ['no id', { id: undefined }, 'missing_id', 'id'],
    ['an empty id', { id: '' }, 'missing_id', 'id'],
    ['an id that is no text', { id: 5 }, 'header', 'id'],
    ['an id too long', { id: 'x'.repeat(245) }, 'header', 'id'],
    ['retries as text', { retries: '1' }, 'header', 'retries'],
    ['negative retries', { retries: -1 }, 'header', 'retries'],
    ['a fraction of retries', { retries: 0.5 }, 'header', 'retries'],
    ['retries beyond int32', { retries: 2 ** 31 }, 'header', 'retries'],
    ['a generation as text', { 'celeriac-generation': '1' }, 'header', 'celeriac-generation'],
    ['a numeric eta', { eta: 1767225600 }, 'header', 'eta'],
    ['an empty eta', { eta: '' }, 'header', 'eta'],
    ['a timestamp as eta', { eta: { '!': 'timestamp', value: 1 } }, 'header', 'eta'],
    ['nonsense as expires', { expires: 'tomorrow' }, 'header', 'expires'],
    ['one time limit', { timelimit: [300] }, 'header', 'timelimit'],
    ['three time limits', { timelimit: [1, 2, 3] }, 'header', 'timelimit'],
    ['a time limit as text', { timelimit: ['300', null] }, 'header', 'timelimit'],
    ['a negative time limit', { timelimit: [-1, null] }, 'header', 'timelimit'],
    ['a time limit alone', { timelimit: 300 }, 'header', 'timelimit'],
    ['a group that is no text', { group: {} }, 'header', 'group'],
    ['a group index as text', { group_index: '0' }, 'header', 'group_index'],
    ['a root id that is no text', { root_id: 1 }, 'header', 'root_id'],
    ['ignore_result as number', { ignore_result: 1 }, 'header', 'ignore_result'],
    ['lang as bytes', { lang: Buffer.from('py') }, 'header', 'lang'],
    ['compression that is no text', { compression: true }, 'header', 'compression'],
    ['an unknown compression', { compression: 'application/zstd' }, 'compression', 'compression'],
    ['user headers nested too deeply', { deep: nestedArrays(101) }, 'header', 'deep'],
  ])('%s', (_what, headers, reason, field) => {
    expect(refusal(message(headers))).toMatchObject({ reason, field });
  });

  it.each<[string, string | Buffer, string, string]>([
    ['nothing', '', 'body_json', 'body'],
    ['no JSON', '[[],{},{}', 'body_json', 'body'],
    ['pickle', Buffer.from([0x80, 0x04, 0x95]), 'body_json', 'body'],
    ['no UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), 'body_json', 'body'],
    ['a byte order mark', '\ufeff[[],{},{}]', 'body_json', 'body'],
    ['an object (protocol 1)', '{"task":"t","args":[],"kwargs":{}}', 'body_shape', 'body'],
    ['null', 'null', 'body_shape', 'body'],
    ['two parts', '[[],{}]', 'body_shape', 'body'],
    ['four parts', '[[],{},{},{}]', 'body_shape', 'body'],
    ['args null', '[null,{},{}]', 'body_shape', 'args'],
    ['args an object', '[{},{},{}]', 'body_shape', 'args'],
    ['kwargs null', '[[],null,{}]', 'body_shape', 'kwargs'],
    ['kwargs an array', '[[],[],{}]', 'body_shape', 'kwargs'],
    ['embed an array', '[[],{},[]]', 'body_shape', 'embed'],
    ['embed a text', '[[],{},"x"]', 'body_shape', 'embed'],
    ['101 levels', `${'['.repeat(101)}${']'.repeat(101)}`, 'body_depth', 'body'],
    ['a million levels', '['.repeat(1_000_000), 'body_depth', 'body'],
    ['a million objects', '{"a":'.repeat(1_000_000), 'body_depth', 'body'],
  ])('a body that is %s', (_what, body, reason, field) => {
    expect(refusal(message({}, body))).toMatchObject({ reason, field });
  });

  it.each([
    ['application/json; charset=utf-8', 'content_type'],
    ['application/x-python-serialize', 'content_type'],
    [undefined, 'content_type'],
  ])('the content type %s', (contentType, reason) => {
    expect(refusal(message({}, undefined, { contentType })).reason).toBe(reason);
  });

  it('another content encoding', () => {
    expect(refusal(message({}, undefined, { contentEncoding: 'latin-1' })).reason).toBe('content_encoding');
  });

  it.each(['[[NaN],{},{}]', '[[1,-Infinity],{},{}]'])('numbers that JSON does not have, with a hint: %s', (body) => {
    expect(refusal(message({}, body)).message).toContain('NaN or Infinity, which Python writes');
  });

  it('says which task, which header and what was given', () => {
    const error = refusal(message({ retries: 'many' }));
    expect(error.message).toBe(
      "Undecodable message (task 't', id 'i'): retries: must be a whole number from 0 to 2147483647, or null, got 'many'",
    );
    expect(error).toMatchObject({ name: 'UndecodableMessageError', taskId: 'i', taskName: 't' });
  });

  it('says what is known of a task that does not say what it is', () => {
    const [nameless, nothing] = [refusal(message({ task: null })), refusal(message({ task: null, id: null }))];
    expect(nameless.message).toMatch(/^Undecodable message \(id 'i'\): task: /);
    expect(nothing.message).toMatch(/^Undecodable message: task: /);
  });

  it('does not repeat the body, which may be private, nor a long value in full', () => {
    expect(refusal(message({}, '[["secret"],null,{}]')).message).not.toContain('secret');
    expect(refusal(message({ group: Array(1000).fill('x'.repeat(1000)) })).message.length).toBeLessThan(300);
  });
});

describe('decodeTaskMessage: compression', () => {
  const compressed = { compression: 'application/x-gzip' };

  it('inflates a zlib stream', () => {
    expect(decodeTaskMessage(message(compressed, deflateSync('[[2],{},{}]'))).args).toEqual([2]);
  });

  it.each([
    ['a gzip file', gzipSync('[[2],{},{}]')],
    ['half a stream', deflateSync('[[2],{},{}]').subarray(0, 8)],
    ['no compression at all', Buffer.from('[[2],{},{}]')],
  ])('refuses %s', (_what, body) => {
    expect(refusal(message(compressed, body)).reason).toBe('compression');
  });

  it('stops at 16 MiB', () => {
    const bomb = deflateSync(Buffer.alloc(17 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(20_000);
    expect(refusal(message(compressed, bomb)).reason).toBe('body_too_large');
  });
});

describe('decodeTaskMessage: keys that try to reach a prototype', () => {
  it('leaves __proto__ in the body an ordinary key', () => {
    const body = '[[{"__proto__":{"polluted":1}}],{"__proto__":{"polluted":1}},{"__proto__":{"chain":[1]}}]';
    const { args, kwargs, embed } = decodeTaskMessage(message({}, body));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(kwargs['polluted']).toBeUndefined();
    expect((args[0] as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(kwargs)).toEqual(['__proto__']);
    expect(embed.chain).toBeNull();
  });

  it('reads own headers only', () => {
    const broken = message({ id: undefined });
    Object.setPrototypeOf(broken.headers, { retries: 5, id: 'inherited' });
    expect(refusal(broken)).toMatchObject({ reason: 'missing_id', taskId: null });
    broken.headers['id'] = 'own';
    expect(decodeTaskMessage(broken)).toMatchObject({ id: 'own', retries: 0, userHeaders: {} });
  });

  it('keeps a user header __proto__ an own key', () => {
    const { userHeaders } = decodeTaskMessage(message(JSON.parse('{"__proto__":{"polluted":1}}')));
    expect(Object.keys(userHeaders)).toEqual(['__proto__']);
    expect(userHeaders['polluted']).toBeUndefined();
  });
});

function nestedArrays(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}
