import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { annotated } from './annotations.js';
import { defineTask } from './define-task.js';

const send = defineTask({ name: 'mail.send', input: z.object({}), queue: 'mail', maxRetries: 20, retryBackoff: 5 });

describe('annotated', () => {
  it.each([
    ['its own name', { 'mail.send': { maxRetries: 1 } }, { maxRetries: 1 }],
    ['all tasks', { '*': { timeLimit: 60 } }, { timeLimit: 60 }],
    [
      'both, of which its own counts more',
      { 'mail.send': { maxRetries: 1 }, '*': { maxRetries: 2 } },
      { maxRetries: 1 },
    ],
    ['another task', { 'mail.clean': { maxRetries: 1 } }, {}],
  ])('changes what is said for %s, and nothing else', (_whom, annotations, changed) => {
    expect(annotated(send, annotations)).toEqual({ ...send, ...changed });
    expect(send.maxRetries).toBe(20);
  });
});
