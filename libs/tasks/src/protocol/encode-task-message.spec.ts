import { describe, expect, it } from '@jest/globals';
import { decodeTaskMessage } from './decode-task-message.js';
import { continueTaskMessage, encodeTaskMessage } from './encode-task-message.js';
import type { TaskMessage, TaskRequest } from './task-message.js';

const ID = '0198c0de-0000-7000-8000-000000000001';

function request(change: Partial<TaskRequest> = {}): TaskRequest {
  return {
    id: ID,
    name: 'mail.send_email',
    args: [1, 'ä'],
    kwargs: { to: "it's" },
    embed: { callbacks: null, errbacks: null, chain: null, chord: null },
    retries: 0,
    generation: 0,
    eta: null,
    expires: null,
    timeLimitSeconds: null,
    softTimeLimitSeconds: null,
    rootId: ID,
    parentId: null,
    group: null,
    groupIndex: null,
    shadow: null,
    ignoreResult: false,
    replyTo: null,
    correlationId: null,
    priority: null,
    origin: 'gen1@host',
    lang: 'js',
    userHeaders: {},
    ...change,
  };
}

describe('encodeTaskMessage', () => {
  it('sends every header, with our generation and message id', () => {
    expect(encodeTaskMessage(request({ generation: 3 }))).toEqual({
      properties: {
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        correlationId: ID,
        deliveryMode: 2,
        messageId: `${ID}.3`,
      },
      headers: {
        lang: 'js',
        task: 'mail.send_email',
        id: ID,
        shadow: null,
        eta: null,
        expires: null,
        group: null,
        group_index: null,
        retries: 0,
        timelimit: [null, null],
        root_id: ID,
        parent_id: null,
        argsrepr: "(1, 'ä')",
        kwargsrepr: `{'to': "it's"}`,
        origin: 'gen1@host',
        ignore_result: false,
        'celeriac-generation': 3,
      },
      body: Buffer.from('[[1,"ä"],{"to":"it\'s"},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]'),
    });
  });

  it('sends no properties that are not set, and never an expiration', () => {
    const { properties, headers } = encodeTaskMessage(
      request({ generation: null, expires: new Date('2026-01-02T03:04:05.678Z') }),
    );
    expect(Object.keys(properties)).toEqual(['contentType', 'contentEncoding', 'correlationId', 'deliveryMode']);
    expect(headers['expires']).toBe('2026-01-02T03:04:05.678000+00:00');
    expect(headers).not.toHaveProperty('celeriac-generation');
  });

  it('is decoded to the same request', () => {
    const full = request({
      embed: { callbacks: [{ task: 'a' }], errbacks: [], chain: [{ task: 'b' }], chord: { task: 'c' } },
      retries: 128,
      generation: 2 ** 31 - 1,
      eta: new Date('2026-01-02T03:04:05.678Z'),
      expires: new Date('2026-01-02T03:04:06Z'),
      timeLimitSeconds: 300,
      softTimeLimitSeconds: 0.5,
      rootId: 'root',
      parentId: 'parent',
      group: 'group',
      groupIndex: 4,
      shadow: 'shadow',
      ignoreResult: true,
      replyTo: 'replies',
      correlationId: 'another',
      priority: 9,
      userHeaders: { tenant: 'acme', nested: { list: [1, null] } },
    });
    expect(decodeTaskMessage(encodeTaskMessage(full))).toEqual(full);
  });

  it.each<[string, Partial<TaskRequest>, RegExp]>([
    ['an empty id', { id: '' }, /id must have 1 to 244 bytes, got 0/],
    ['an id too long for the message id', { id: 'ä'.repeat(123) }, /id must have 1 to 244 bytes, got 246/],
    ['a reply_to too long', { replyTo: 'q'.repeat(256) }, /replyTo must have/],
    ['an empty name', { name: '' }, /name of a task/],
    ['args that are no array', { args: {} as never }, /args must be an array/],
    ['kwargs null', { kwargs: null as never }, /kwargs must be an object .* got null/],
    ['kwargs an array', { kwargs: [] as never }, /kwargs must be an object/],
    ['negative retries', { retries: -1 }, /retries must be a whole number/],
    ['a generation beyond int32', { generation: 2 ** 31 }, /generation must be/],
    ['a fraction as group index', { groupIndex: 1.5 }, /groupIndex must be/],
    ['a priority beyond a byte', { priority: 256 }, /priority must be a whole number from 0 to 255, got 256/],
    ['a time limit that is no number', { timeLimitSeconds: NaN }, /timeLimitSeconds must be/],
    ['an invalid eta', { eta: new Date(NaN) }, /valid date/],
    ['a user header that the protocol owns', { userHeaders: { task: 'x' } }, /"task" belongs to the task protocol/],
    ['our header as user header', { userHeaders: { 'celeriac-generation': 9 } }, /belongs to the task protocol/],
    ['args nested too deeply', { args: [nested(200)] }, /nested deeper than 100, got 202/],
  ])('refuses %s', (_what, change, message) => {
    expect(() => encodeTaskMessage(request(change))).toThrow(message);
  });
});

describe('continueTaskMessage', () => {
  const python: TaskMessage = {
    properties: {
      contentType: 'application/json',
      contentEncoding: 'binary',
      correlationId: 'corr',
      replyTo: 'replies',
      deliveryMode: 1,
      priority: 0,
    },
    headers: { lang: 'py', task: 't', id: 'p1', retries: 1, parent_id: null, eta: 'old', stamps: { a: 1 } },
    body: Buffer.from([0x78, 0x9c]),
  };

  it('hands back: only generation and message id change', () => {
    expect(continueTaskMessage(python, { generation: 2 })).toEqual({
      properties: { ...python.properties, messageId: 'p1.2' },
      headers: { ...python.headers, 'celeriac-generation': 2 },
      body: python.body,
    });
  });

  it('retries: retries and eta are set, and the task becomes its own parent', () => {
    const eta = new Date('2026-01-02T03:04:05.006Z');
    expect(continueTaskMessage(python, { generation: 2, retries: 2, eta }).headers).toMatchObject({
      retries: 2,
      eta: '2026-01-02T03:04:05.006000+00:00',
      parent_id: 'p1',
    });
  });

  it('keeps a parent, and makes none when retries does not rise', () => {
    const child = { ...python, headers: { ...python.headers, parent_id: 'mother' } };
    expect(continueTaskMessage(child, { generation: 2, retries: 2 }).headers['parent_id']).toBe('mother');
    expect(continueTaskMessage(python, { generation: 2, retries: 1, eta: null }).headers).toMatchObject({
      parent_id: null,
      eta: null,
    });
  });

  it('counts absent retries as 0', () => {
    const { retries: _, ...headers } = python.headers;
    expect(continueTaskMessage({ ...python, headers }, { generation: 1, retries: 1 }).headers['parent_id']).toBe('p1');
  });

  it('drops the expiration and what else is no property of the protocol', () => {
    const properties = { ...python.properties, expiration: '60000', userId: 'guest' };
    expect(continueTaskMessage({ ...python, properties }, { generation: 1 }).properties).toEqual({
      ...python.properties,
      messageId: 'p1.1',
    });
  });

  it('leaves the message that it was given alone', () => {
    const before = structuredClone(python.headers);
    continueTaskMessage(python, { generation: 2, retries: 2, eta: null });
    expect(python.headers).toEqual(before);
  });

  it('refuses a message without id, and a generation out of range', () => {
    expect(() => continueTaskMessage({ ...python, headers: {} }, { generation: 1 })).toThrow(TypeError);
    expect(() => continueTaskMessage(python, { generation: -1 })).toThrow(RangeError);
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}
