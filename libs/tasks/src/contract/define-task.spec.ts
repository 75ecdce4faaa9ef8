import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from './define-task.js';
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

  it('cannot be changed afterwards', () => {
    const contract = defineTask({ name: 'a.task', queue: 'a', input });
    expect(() => Object.assign(contract, { queue: 'b' })).toThrow(TypeError);
  });
});
