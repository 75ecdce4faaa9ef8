import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { annotated, checkAnnotations, type TaskAnnotations } from './annotations.js';
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

describe('checkAnnotations', () => {
  it('takes what tasks have as options', () => {
    expect(() => checkAnnotations({ '*': { timeLimit: 60 }, 'mail.send': { rateLimit: '10/m' } })).not.toThrow();
  });

  it.each<[annotations: unknown, message: RegExp]>([
    [{ 'mail.send': { maxRetrys: 1 } }, /mail\.send.*maxRetrys.*one of the options maxRetries,/],
    [{ '*': { maxRetries: 'five' } }, /\*.*maxRetries.*a whole number/],
    [{ 'mail.send': { queue: 'slow' } }, /queue/],
    [{ 'mail.send': null }, /an object with options/],
    [{ 'mail.send': { toString: 1 } }, /toString/],
  ])('refuses %j', (annotations, message) => {
    expect(() => checkAnnotations(annotations as TaskAnnotations)).toThrow(message);
  });
});
