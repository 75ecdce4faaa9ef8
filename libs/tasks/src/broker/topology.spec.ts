import { describe, expect, it } from '@jest/globals';
import { routeMessage } from './routing.js';
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
