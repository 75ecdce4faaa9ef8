import { describe, expect, it } from '@jest/globals';
import { checkTopology } from './check-topology.js';
import { InvalidTopologyError } from './invalid-topology.error.js';
import { routeMessage } from './routing.js';
import type { TaskQueue } from './task-queue.js';
import {
  DEAD_LETTER_EXCHANGE,
  deadLetterQueue,
  mergeTopologies,
  queueArguments,
  RESULTS_QUEUE,
  taskTopology,
} from './topology.js';

describe('taskTopology', () => {
  const topology = taskTopology(['mail', 'reports']);

  function argumentsOf(queue: string): Record<string, unknown> | undefined {
    return topology.queues.filter(({ name }) => name === queue).map(queueArguments)[0];
  }

  it('is one exchange for each queue and one for dead letters, all direct', () => {
    expect(topology.exchanges).toEqual([
      { name: 'celeriac.dead_letters', type: 'direct' },
      { name: 'mail', type: 'direct' },
      { name: 'reports', type: 'direct' },
    ]);
  });

  it.each(['mail', 'reports'])(
    'makes %s a quorum queue that drops nothing: no delivery limit in reach, dead letters at least once',
    (name) => {
      expect(argumentsOf(name)).toEqual({
        'x-queue-type': 'quorum',
        'x-delivery-limit': 1_000_000,
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
        'x-dead-letter-exchange': 'celeriac.dead_letters',
        'x-dead-letter-routing-key': name,
      });
    },
  );

  it.each(['mail', 'reports'])("keeps %s's dead letters in a quorum queue that sends none on", (name) => {
    expect(argumentsOf(`${name}.dead_letters`)).toEqual({
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1_000_000,
    });
  });

  it("has a queue for others' results, which the default exchange reaches and no restart empties", () => {
    expect(argumentsOf(RESULTS_QUEUE)).toMatchObject({
      'x-queue-type': 'quorum',
    });
    expect(routeMessage(topology, '', RESULTS_QUEUE)).toEqual([RESULTS_QUEUE]);
  });

  it('declares no further queues', () => {
    expect(topology.queues).toHaveLength(5);
  });

  it.each(['mail', 'reports'])('routes tasks and dead letters of %s to its own queues alone', (name) => {
    expect(routeMessage(topology, name, name)).toEqual([name]);
    expect(routeMessage(topology, DEAD_LETTER_EXCHANGE, name)).toEqual([deadLetterQueue(name)]);
  });
});

describe('taskTopology of queues that say more than their names', () => {
  const topology = taskTopology([
    { name: 'celery', type: 'classic' },
    { name: 'fast', maxPriority: 10 },
    { name: 'short', arguments: { 'x-max-length': 10 } },
    { name: 'videos', exchange: { name: 'media', type: 'topic' }, routingKey: 'media.video.#' },
    { name: 'images', exchange: { name: 'media', type: 'topic' }, routingKey: 'media.image.#' },
    { name: 'paper', exchange: { name: 'documents', type: 'headers' }, bindingArguments: { kind: 'paper' } },
  ]);
  const argumentsOf = (queue: string) => topology.queues.filter(({ name }) => name === queue).map(queueArguments)[0];

  it.each([
    ['a classic queue without any arguments', 'celery', {}],
    ['a queue with priorities classic', 'fast', { 'x-max-priority': 10 }],
  ])('makes %s, as Celery declares it', (_what, queue, expected) => {
    expect(argumentsOf(queue)).toEqual(expected);
  });

  it('lets a queue have arguments of its own beside those of a task queue', () => {
    expect(argumentsOf('short')).toMatchObject({ 'x-max-length': 10, 'x-overflow': 'reject-publish' });
  });

  it('binds each to its exchange, which queues may share', () => {
    expect(routeMessage(topology, 'media', 'media.video.short')).toEqual(['videos']);
    expect(routeMessage(topology, 'media', 'media.image')).toEqual(['images']);
    expect(routeMessage(topology, 'documents', '', { kind: 'paper' })).toEqual(['paper']);
    expect(() => checkTopology(topology)).not.toThrow();
  });

  it.each(['celery', 'fast', 'videos'])('has a queue for the dead letters of %s', (name) => {
    expect(routeMessage(topology, DEAD_LETTER_EXCHANGE, name)).toEqual([deadLetterQueue(name)]);
  });

  it.each<[queue: TaskQueue, problem: RegExp]>([
    [{ name: 'fast', type: 'quorum', maxPriority: 5 }, /"fast" has x-max-priority=5, which a quorum queue cannot have/],
    [{ name: 'fast', maxPriority: 256 }, /"fast" has x-max-priority=256: expected 1 to 255/],
    [{ name: 'fast', maxPriority: 0 }, /expected 1 to 255/],
    [{ name: 'fast', maxPriority: 2.5 }, /expected 1 to 255/],
  ])('of %j is refused', (queue, problem) => {
    expect(() => checkTopology(taskTopology([queue]))).toThrow(InvalidTopologyError);
    expect(() => checkTopology(taskTopology([queue]))).toThrow(problem);
  });
});

describe('queueArguments', () => {
  it('are none for a classic queue, as Celery declares its own', () => {
    expect(queueArguments({ name: 'celery', type: 'classic' })).toEqual({});
  });

  it('are those of the type, with the own ones over them', () => {
    const own = { 'x-delivery-limit': 3, 'x-max-length': 10 };
    expect(queueArguments({ name: 'short', type: 'quorum', arguments: own })).toEqual({
      'x-queue-type': 'quorum',
      'x-delivery-limit': 3,
      'x-max-length': 10,
    });
  });
});

describe('mergeTopologies', () => {
  it('lets an app bind a task queue to an exchange of its own', () => {
    const topology = mergeTopologies(
      taskTopology(['mail']),
      { exchanges: [{ name: 'events', type: 'topic' }] },
      { bindings: [{ exchange: 'events', queue: 'mail', routingKey: 'mail.#' }] },
    );
    expect(routeMessage(topology, 'events', 'mail.refused')).toEqual(['mail']);
    expect(routeMessage(topology, 'mail', 'mail')).toEqual(['mail']);
  });

  it('of nothing is nothing', () => {
    expect(mergeTopologies()).toEqual({ exchanges: [], queues: [], bindings: [] });
  });
});
