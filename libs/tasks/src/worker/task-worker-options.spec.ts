import { describe, expect, it } from '@jest/globals';
import { TaskWiringError } from './task-errors.js';
import { assertWorkerOptions, type TaskWorkerOptions } from './task-worker-options.js';

describe('assertWorkerOptions', () => {
  const fine = { queues: ['mail'], concurrency: 1, shutdownTimeoutMs: 0 };

  it('takes what makes sense', () => {
    expect(() => assertWorkerOptions(fine)).not.toThrow();
  });

  it.each<Partial<TaskWorkerOptions>>([
    { concurrency: NaN },
    { concurrency: 0 },
    { concurrency: 1.5 },
    { shutdownTimeoutMs: NaN },
    { prefetchAhead: -1 },
    { slots: { mail: 0 } },
    { slots: { others: 1 } },
  ])('refuses %p: it would take messages and not run them, or never stop', (change) => {
    expect(() => assertWorkerOptions({ ...fine, ...change })).toThrow(TaskWiringError);
    expect(() => assertWorkerOptions({ ...fine, ...change })).toThrow(Object.keys(change)[0]);
  });
});
