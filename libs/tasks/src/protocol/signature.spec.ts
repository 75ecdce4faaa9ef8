import { describe, expect, it } from '@jest/globals';
import { InvalidSignatureError, readSignature, readSignatureOptions } from './signature.js';

describe('readSignature', () => {
  it('does with a name alone', () => {
    expect(readSignature({ task: 'a' })).toEqual({ task: 'a', args: [], kwargs: {}, options: {}, immutable: false });
  });

  it.each([
    [null, ''],
    ['a.task', ''],
    [[], ''],
    [{}, 'task'],
    [{ task: '' }, 'task'],
    [{ task: 5 }, 'task'],
    [{ task: 'a\0b' }, 'task'],
    [{ task: 'a', args: {} }, 'args'],
    [{ task: 'a', kwargs: [] }, 'kwargs'],
    [{ task: 'a', options: 'b' }, 'options'],
  ])('refuses %j', (value, field) => {
    expect(thrownBy(() => readSignature(value)).field).toBe(field);
  });
});

describe('readSignatureOptions', () => {
  it('has null for what is absent, null or empty', () => {
    const { headers, ...options } = readSignatureOptions({ task_id: null, queue: '' });
    expect(headers).toEqual({});
    expect(new Set(Object.values(options))).toEqual(new Set([null]));
  });

  it("reads times in both of Celery's forms, and takes an expiry in seconds", () => {
    const eta = new Date('2026-01-02T03:04:05.678Z');
    expect(readSignatureOptions({ eta: '2026-01-02T03:04:05.678000+00:00', expires: 60 })).toMatchObject({
      eta,
      expires: 60,
    });
    const wrapped = { __type__: 'datetime', __value__: '2026-01-02T03:04:05.678000+00:00' };
    expect(readSignatureOptions({ eta: wrapped, expires: wrapped })).toMatchObject({ eta, expires: eta });
  });

  it('takes one callback where several may be', () => {
    const callback = { task: 'a' };
    expect(readSignatureOptions({ link: callback, link_error: [callback] })).toMatchObject({
      link: [callback],
      linkError: [callback],
    });
  });

  it('makes headers of stamps', () => {
    const options = { headers: { tenant: 'b' }, stamped_headers: ['run', 'absent'], run: 7, other: 8 };
    expect(readSignatureOptions(options).headers).toEqual({
      tenant: 'b',
      stamped_headers: ['run', 'absent'],
      stamps: { run: 7 },
    });
  });

  it.each([
    ['task_id', 5],
    ['task_id', 'x'.repeat(245)],
    ['queue', 'x'.repeat(256)],
    ['routing_key', 'a\0b'],
    ['countdown', '5'],
    ['countdown', -1],
    ['eta', 5],
    ['eta', 'tomorrow'],
    ['expires', {}],
    ['priority', 256],
    ['time_limit', []],
    ['ignore_result', 1],
    ['headers', []],
    ['stamped_headers', 'a'],
  ])('refuses %s of %j', (name, value) => {
    expect(thrownBy(() => readSignatureOptions({ [name]: value })).field).toBe(`options.${name}`);
  });
});

function thrownBy(read: () => unknown): InvalidSignatureError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidSignatureError);
    return error as InvalidSignatureError;
  }
  throw new Error('Nothing was thrown');
}
