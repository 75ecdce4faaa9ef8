import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from '../contract/define-task.js';
import { idempotencyKeyOf, uniqueKeyOf } from './unique-key.js';

const input = z.record(z.string(), z.unknown());
const contract = defineTask({ name: 'a.task', queue: 'a', input, uniqueFor: 60, uniqueStates: ['SUCCESS'] });
const keyOf = (value: Record<string, unknown>): string | undefined => uniqueKeyOf(contract, value)?.key.toString('hex');

describe('uniqueKeyOf', () => {
  it('is a hash, with the period in milliseconds and the ends that count', () => {
    const unique = uniqueKeyOf(contract, { a: 1 });
    expect(unique).toMatchObject({ forMs: 60_000, endStates: ['SUCCESS'] });
    expect(unique?.key).toHaveLength(32);
  });

  it('is the same for what is the same JSON but for the order of keys', () => {
    expect(keyOf({ a: 1, b: { c: [1, { d: 2, e: 3 }], f: undefined } })).toBe(
      keyOf({ b: { c: [1, { e: 3, d: 2 }] }, a: 1 }),
    );
  });

  it.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: '1' }, { a: 1 }],
    [{ a: null }, {}],
    [{ a: { b: 1 } }, { a: [['b', 1]] }],
  ])('tells %j from %j', (one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it('is none where each call is a task of its own', () => {
    expect(uniqueKeyOf({ ...contract, uniqueFor: null }, { a: 1 })).toBeNull();
  });

  it('is no idempotency key, and those of other tasks are others', () => {
    const keys = [
      uniqueKeyOf({ ...contract, uniqueKey: () => 'k' }, {}),
      idempotencyKeyOf('a.task', 'k'),
      idempotencyKeyOf('b.task', 'k'),
    ].map((unique) => unique?.key.toString('hex'));
    expect(new Set(keys).size).toBe(3);
  });
});
