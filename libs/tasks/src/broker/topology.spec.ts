import { describe, expect, it } from '@jest/globals';
import { routeMessage } from './routing.js';
import { DEAD_LETTER_EXCHANGE, deadLetterQueue, RESULTS_QUEUE, taskTopology } from './topology.js';

describe('taskTopology', () => {
  const topology = taskTopology(['mail', 'reports']);

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
      expect(topology.queues.find((queue) => queue.name === name)?.arguments).toEqual({
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
    expect(topology.queues.find((queue) => queue.name === `${name}.dead_letters`)?.arguments).toEqual({
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1_000_000,
    });
  });

  it("has a queue for others' results, which the default exchange reaches and no restart empties", () => {
    expect(topology.queues.find((queue) => queue.name === RESULTS_QUEUE)?.arguments).toMatchObject({
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

  it('binds only what it declares', () => {
    const exchanges = topology.exchanges.map(({ name }) => name);
    const queues = topology.queues.map(({ name }) => name);
    for (const binding of topology.bindings) {
      expect(exchanges).toContain(binding.exchange);
      expect(queues).toContain(binding.queue);
    }
  });
});
