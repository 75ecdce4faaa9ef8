import { describe, expect, it } from '@jest/globals';
import type { TaskQueue } from '../broker/task-queue.js';
import type { CallOptions } from '../contract/call-options.js';
import { TaskRouter, type Destination } from './task-router.js';
import type { TaskRoute, TaskRoutes } from './task-routes.js';

const media = { name: 'media', type: 'direct' } as const;
const QUEUES: Array<string | TaskQueue> = [
  'mail',
  { name: 'video', exchange: media, routingKey: 'media.video' },
  { name: 'image', exchange: media, routingKey: 'media.image' },
  { name: 'feeds', exchange: { name: 'tasks', type: 'topic' }, routingKey: 'feed.#' },
  { name: 'all', exchange: { name: 'news', type: 'fanout' } },
  { name: 'paper', exchange: { name: 'documents', type: 'headers' }, bindingArguments: { kind: 'paper' } },
];

describe('a queue', () => {
  const router = new TaskRouter({ queues: QUEUES });

  it.each<[what: string, route: TaskRoute, Destination]>([
    [
      'the exchange and the routing key of its name',
      { queue: 'mail' },
      { queue: 'mail', exchange: 'mail', routingKey: 'mail', isOurs: true },
    ],
    [
      "its own way, where the task's own queue counts",
      {},
      { queue: 'image', exchange: 'media', routingKey: 'media.image', isOurs: true },
    ],
    [
      'its exchange, and what it is bound by',
      { queue: 'video' },
      { queue: 'video', exchange: 'media', routingKey: 'media.video', isOurs: true },
    ],
    [
      'its pattern, which fits itself',
      { queue: 'feeds' },
      { queue: 'feeds', exchange: 'tasks', routingKey: 'feed.#', isOurs: true },
    ],
    [
      'a routing key of its own',
      { queue: 'feeds', routingKey: 'feed.import' },
      { queue: 'feeds', exchange: 'tasks', routingKey: 'feed.import', isOurs: true },
    ],
    ['its fanout exchange', { queue: 'all' }, { queue: 'all', exchange: 'news', routingKey: 'all', isOurs: true }],
    [
      'its name, behind a headers exchange',
      { queue: 'paper' },
      { queue: 'paper', exchange: '', routingKey: 'paper', isOurs: true },
    ],
    [
      "the default exchange, if it is others'",
      { queue: 'python' },
      { queue: 'python', exchange: '', routingKey: 'python', isOurs: false },
    ],
    [
      'the default exchange, if that is named',
      { queue: 'feeds', exchange: '' },
      { queue: 'feeds', exchange: '', routingKey: 'feeds', isOurs: true },
    ],
    [
      "exchange and routing key, if these lead to it and not to the task's own",
      { exchange: 'tasks', routingKey: 'feed.import' },
      { queue: 'feeds', exchange: 'tasks', routingKey: 'feed.import', isOurs: true },
    ],
    [
      'a routing key alone, at the exchange of the queue',
      { routingKey: 'media.video' },
      { queue: 'video', exchange: 'media', routingKey: 'media.video', isOurs: true },
    ],
    [
      'the default exchange and its name',
      { exchange: '', routingKey: 'python' },
      { queue: 'python', exchange: '', routingKey: 'python', isOurs: false },
    ],
    [
      "an exchange that is the app's own, as told",
      { exchange: 'events', routingKey: 'a' },
      { queue: 'image', exchange: 'events', routingKey: 'a', isOurs: true },
    ],
  ])('is reached by %s', (_what, route, destination) => {
    expect(router.destination(route, 'image')).toEqual(destination);
  });

  it('is reached by its headers, where a headers exchange is named', () => {
    const route = { exchange: 'documents' };
    expect(router.destination(route, 'mail', { kind: 'paper' })).toMatchObject({ queue: 'paper' });
    expect(router.destination(route, 'mail', { kind: 'film' })).toMatchObject({ queue: 'mail' });
  });

  it('is reached by its name, where no queues are known', () => {
    expect(new TaskRouter().destination({ queue: 'any' }, 'mail')).toEqual({
      queue: 'any',
      exchange: 'any',
      routingKey: 'any',
      isOurs: true,
    });
  });
});

describe('what counts', () => {
  const feeds: TaskRoute = { queue: 'feeds', routingKey: 'feed.import', priority: 3 };
  const taskRoutes: TaskRoutes = { feed: feeds, 'priority.*': { priority: 7 } };
  const router = new TaskRouter({ queues: QUEUES, taskRoutes });

  it.each<[what: string, name: string, options: CallOptions, route: TaskRoute]>([
    ['the route where the call says nothing', 'feed', {}, feeds],
    [
      'the call before the route',
      'feed',
      { routingKey: 'feed.export', priority: 9 },
      { ...feeds, routingKey: 'feed.export', priority: 9 },
    ],
    [
      "a queue of the call's own: nothing of the route but its priority",
      'feed',
      { queue: 'mail' },
      { queue: 'mail', priority: 3 },
    ],
    ['a priority alone', 'priority.a', {}, { priority: 7 }],
  ])('is %s', (_what, name, options, route) => {
    expect(router.route(name, {}, options)).toEqual(route);
  });

  it('is the call alone, where there is no route', () => {
    const options = { queue: 'mail' };
    expect(router.route('other', {}, options)).toBe(options);
  });
});

describe('what is known of queues', () => {
  it('which have priorities', () => {
    const router = new TaskRouter({ queues: ['mail', { name: 'fast', maxPriority: 10 }] });
    expect(['mail', 'fast', 'python'].map((queue) => router.hasPriorities(queue))).toEqual([false, true, false]);
    expect(router.queues.map(({ name, type }) => [name, type])).toEqual([
      ['mail', 'quorum'],
      ['fast', 'classic'],
    ]);
  });
});
