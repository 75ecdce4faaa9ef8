import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineBroadcast } from '../../contract/define-broadcast.js';
import { defineTask } from '../../contract/define-task.js';
import { TaskRouter, type TaskRouterOptions } from '../../routes/task-router.js';
import { TaskWiringError } from '../task-errors.js';
import { assertWired } from './wiring.js';

const send = defineTask({ name: 'mail.send', input: z.object({}), queue: 'mail' });
const clean = defineTask({ name: 'mail.clean', input: z.object({}), queue: 'chores' });

const router = new TaskRouter({ queues: ['mail', 'chores'] });

describe('assertWired', () => {
  it.each([
    ['every task of its queues has a handler', { contracts: [send, clean], queues: ['mail'], annotations: {} }],
    ['the app has not told its contracts', { contracts: [], queues: ['mail', 'chores'], annotations: {} }],
    ['annotations name what is known', { contracts: [clean], queues: [], annotations: { '*': {}, 'mail.clean': {} } }],
  ])('is content when %s', (_what, wiring) => {
    expect(() => assertWired(['mail.send'], { router, ...wiring })).not.toThrow();
  });

  it('refuses a queue whose task has no handler, and says what to do', () => {
    const wiring = { contracts: [send, clean], queues: ['mail', 'chores'], annotations: {} };
    expect(() => assertWired(['mail.send'], { router, ...wiring })).toThrow(TaskWiringError);
    expect(() => assertWired(['mail.send'], { router, ...wiring })).toThrow(/"chores".*mail\.clean.*@TaskHandler/);
  });

  it.each<[what: string, taskRoutes: TaskRouterOptions['taskRoutes'], refused: RegExp | null]>([
    ['to a queue that it consumes', { 'mail.clean': 'mail' }, /"mail".*mail\.clean/],
    ['by exchange and routing key', { 'mail.clean': { exchange: 'mail', routingKey: 'mail' } }, /"mail".*mail\.clean/],
    ['to a queue of another worker', { 'mail.*': 'chores' }, null],
    ['by a function, which only a call can ask', [() => 'mail'], null],
    ['with nothing but a priority', { 'mail.clean': { priority: 3 } }, null],
  ])('looks at where a task is routed: %s', (_what, taskRoutes, refused) => {
    const routed = new TaskRouter({ queues: ['mail', 'chores'], taskRoutes });
    const wire = (): void =>
      assertWired(['mail.send'], { contracts: [send, clean], queues: ['mail'], annotations: {}, router: routed });
    if (refused === null) expect(wire).not.toThrow();
    else expect(wire).toThrow(refused);
  });

  it('does not look at the routes of a broadcast, which has none', () => {
    const flush = defineBroadcast({ name: 'mail.flush', input: z.object({}), queue: 'mail' });
    const routed = new TaskRouter({ queues: ['mail', 'chores'], taskRoutes: { '*': 'chores' } });
    const wiring = { contracts: [flush], queues: ['mail'], annotations: {}, router: routed };
    expect(() => assertWired([], wiring)).toThrow(/"mail".*mail\.flush/);
  });

  it("refuses a queue that is none of the app's, and says which there are", () => {
    const wiring = { contracts: [], queues: ['mails'], router, annotations: {} };
    expect(() => assertWired(['mail.send'], wiring)).toThrow(TaskWiringError);
    expect(() => assertWired(['mail.send'], wiring)).toThrow(/"mails".*: mail, chores/);
  });

  it('refuses an annotation for a name that nobody knows, and says which there are', () => {
    const wiring = { contracts: [], queues: ['mail'], annotations: { 'mail.sent': { maxRetries: 1 } } };
    expect(() => assertWired(['mail.send', 'mail.clean'], { router, ...wiring })).toThrow(TaskWiringError);
    expect(() => assertWired(['mail.send', 'mail.clean'], { router, ...wiring })).toThrow(
      /mail\.sent, .*Known: mail\.send, mail\.clean/,
    );
  });
});
