import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from '../../contract/define-task.js';
import { TaskWiringError } from '../task-errors.js';
import { assertWired } from './wiring.js';

const send = defineTask({ name: 'mail.send', input: z.object({}), queue: 'mail' });
const clean = defineTask({ name: 'mail.clean', input: z.object({}), queue: 'chores' });

const declared = ['mail', 'chores'];

describe('assertWired', () => {
  it.each([
    ['every task of its queues has a handler', { contracts: [send, clean], queues: ['mail'], annotations: {} }],
    ['the app has not told its contracts', { contracts: [], queues: ['mail', 'chores'], annotations: {} }],
    ['annotations name what is known', { contracts: [clean], queues: [], annotations: { '*': {}, 'mail.clean': {} } }],
  ])('is content when %s', (_what, wiring) => {
    expect(() => assertWired(['mail.send'], { declared, ...wiring })).not.toThrow();
  });

  it('refuses a queue whose task has no handler, and says what to do', () => {
    const wiring = { contracts: [send, clean], queues: ['mail', 'chores'], annotations: {} };
    expect(() => assertWired(['mail.send'], { declared, ...wiring })).toThrow(TaskWiringError);
    expect(() => assertWired(['mail.send'], { declared, ...wiring })).toThrow(/"chores".*mail\.clean.*@TaskHandler/);
  });

  it("refuses a queue that is none of the app's, and says which there are", () => {
    const wiring = { contracts: [], queues: ['mails'], declared, annotations: {} };
    expect(() => assertWired(['mail.send'], wiring)).toThrow(TaskWiringError);
    expect(() => assertWired(['mail.send'], wiring)).toThrow(/"mails".*: mail, chores/);
  });

  it('refuses an annotation for a name that nobody knows, and says which there are', () => {
    const wiring = { contracts: [], queues: ['mail'], annotations: { 'mail.sent': { maxRetries: 1 } } };
    expect(() => assertWired(['mail.send', 'mail.clean'], { declared, ...wiring })).toThrow(TaskWiringError);
    expect(() => assertWired(['mail.send', 'mail.clean'], { declared, ...wiring })).toThrow(
      /mail\.sent, .*Known: mail\.send, mail\.clean/,
    );
  });
});
