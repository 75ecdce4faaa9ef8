import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from '../contract/define-task.js';
import { annotated } from './annotations.js';
import type { RegisteredHandler } from './handler-registry.js';
import { TaskWiringError } from './task-errors.js';

const send = defineTask({ name: 'mail.send', input: z.object({}), queue: 'mail', maxRetries: 20, retryBackoff: 5 });
const clean = defineTask({ name: 'mail.clean', input: z.object({}), queue: 'mail' });
const handlers = new Map<string, RegisteredHandler>(
  [send, clean].map((contract) => [contract.name, { contract, run: async () => undefined }]),
);

describe('annotated', () => {
  it('changes what it names in the policy of the task, and nothing else', () => {
    const changed = annotated(handlers, { 'mail.send': { maxRetries: 1 } });
    expect(changed.get('mail.send')?.contract).toEqual({ ...send, maxRetries: 1 });
    expect(changed.get('mail.clean')?.contract).toEqual(clean);
    expect(send.maxRetries).toBe(20);
  });

  it('refuses a name that nobody knows, and says which there are', () => {
    const mistyped = (): unknown => annotated(handlers, { 'mail.sent': { maxRetries: 1 } });
    expect(mistyped).toThrow(TaskWiringError);
    expect(mistyped).toThrow(/mail\.sent, .*Known: mail\.send, mail\.clean/);
  });
});
