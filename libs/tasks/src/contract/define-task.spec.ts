import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from './define-task.js';
import { InvalidTaskOptionError } from './invalid-task-option.error.js';
import { DEFAULT_TASK_OPTIONS } from './task-options.js';

const input = z.object({});

describe('defineTask', () => {
  it('has 3 retries from 1 s to 10 min with jitter, unless told otherwise', () => {
    expect(defineTask({ name: 'a.task', queue: 'a', input })).toEqual({
      name: 'a.task',
      queue: 'a',
      input,
      args: [],
      ...DEFAULT_TASK_OPTIONS,
      maxRetries: 3,
      retryBackoff: 1,
      retryBackoffMax: 600,
      retryJitter: true,
    });
  });

  it.each([
    { maxRetries: null, retryBackoff: 0, retryBackoffMax: 0, retryJitter: false },
    { maxRetries: 0, retryBackoff: 5, retryBackoffMax: 3600, retryJitter: true },
  ])('keeps the policy %p', (policy) => {
    expect(defineTask({ name: 'a.task', queue: 'a', input, ...policy })).toMatchObject(policy);
  });

  it.each<[option: string, given: unknown, expected: string]>([
    ['name', '', 'some text'],
    ['name', 'ä'.repeat(128), '255 bytes'],
    ['queue', '', 'some text'],
    ['maxRetries', -1, 'a whole number, 0 or more, or null'],
    ['maxRetries', 1.5, 'a whole number'],
    ['maxRetries', undefined, 'a whole number'],
    ['retryBackoff', NaN, 'seconds, 0 or more'],
    ['retryBackoffMax', -1, 'seconds'],
    ['retryJitter', 'yes', 'true or false'],
    ['defaultRetryDelay', Infinity, 'seconds'],
    ['softTimeLimit', 0, 'seconds above 0, or null'],
    ['timeLimit', '10', 'seconds above 0'],
    ['acksLate', null, 'true or false'],
    ['rejectOnWorkerLost', 0, 'true or false'],
    ['rateLimit', '100', 'a rate such as 10/s'],
    ['rateLimit', '100/d', 'a rate such as 10/s'],
    ['priority', 256, 'from 0 to 255'],
    ['ignoreResult', 1, 'true or false'],
    ['retention', -3600, 'seconds above 0'],
    ['autoretryFor', [Error, 'TypeError'], 'a list of error classes'],
    ['dontAutoretryFor', Error, 'a list of error classes'],
    ['throws', {}, 'a list of error classes'],
    ['uniqueKey', 'customerId', 'a function'],
    ['rateLimitKey', 'customerId', 'a function'],
  ])('refuses %s=%p at once', (option, given, expected) => {
    const define = (): unknown => defineTask({ name: 'a.task', queue: 'a', input, [option]: given });
    expect(define).toThrow(InvalidTaskOptionError);
    expect(define).toThrow(expect.objectContaining({ option, given, expected: expect.stringContaining(expected) }));
    expect(define).toThrow(option);
  });

  it('refuses a softTimeLimit that is never reached', () => {
    const define = (): unknown => defineTask({ name: 'a.task', queue: 'a', input, softTimeLimit: 10, timeLimit: 5 });
    expect(define).toThrow('Task a.task has softTimeLimit=10: expected no more than the timeLimit, 5.');
  });

  it.each([
    { rateLimit: '10/s', priority: 255, retention: 1, softTimeLimit: 1, timeLimit: 2 },
    {
      rateLimit: '0.5/h',
      priority: 0,
      autoretryFor: [TypeError],
      dontAutoretryFor: [],
      throws: [InvalidTaskOptionError],
    },
  ])('takes %p', (options) => {
    expect(defineTask({ name: 'a.task', queue: 'a', input, ...options })).toMatchObject(options);
  });

  it('cannot be changed afterwards', () => {
    const contract = defineTask({ name: 'a.task', queue: 'a', input });
    expect(() => Object.assign(contract, { queue: 'b' })).toThrow(TypeError);
  });
});
