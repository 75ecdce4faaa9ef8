import { describe, expect, it } from '@jest/globals';
import { checkTopology } from './check-topology.js';
import { InvalidTopologyError } from './invalid-topology.error.js';
import { MemoryBroker } from './memory/memory-broker.js';
import { mergeTopologies, taskTopology, type ExchangeType, type QueueType, type Topology } from './topology.js';

const own: Partial<Topology> = {
  exchanges: [
    { name: 'events', type: 'topic' },
    { name: 'papers', type: 'headers' },
    { name: 'all', type: 'fanout' },
  ],
  queues: [{ name: 'audit', type: 'quorum' }],
  bindings: [
    { exchange: 'events', queue: 'audit', routingKey: '' },
    { exchange: 'papers', queue: 'audit', arguments: { 'x-match': 'any', urgent: true } },
    { exchange: 'papers', queue: 'mail' },
    { exchange: 'all', queue: 'audit' },
  ],
};

function merged(...more: Array<Partial<Topology>>): Topology {
  return mergeTopologies(taskTopology(['mail']), own, ...more);
}

function errorOf(more: Partial<Topology>): InvalidTopologyError {
  try {
    checkTopology(merged(more));
  } catch (error) {
    if (error instanceof InvalidTopologyError) return error;
  }
  throw new Error('It was let through.');
}

describe('checkTopology', () => {
  it('lets through what can be declared, and what is declared alike by several', () => {
    expect(() => checkTopology(merged(own, taskTopology(['mail', 'reports'])))).not.toThrow();
  });

  it.each<[message: string, more: Partial<Topology>]>([
    [
      'Binding of queue "adit" to exchange "all" needs that queue, which is not declared: ' +
        'declare it, or bind one of mail, mail.dead_letters, celeriac.results, audit.',
      { bindings: [{ exchange: 'all', queue: 'adit' }] },
    ],
    [
      'Binding of queue "audit" to exchange "event" needs that exchange, which is not declared: ' +
        'declare it, or bind one of celeriac.dead_letters, mail, events, papers, all.',
      { bindings: [{ exchange: 'event', queue: 'audit', routingKey: '#' }] },
    ],
    [
      'Exchange "events" is declared twice, as "topic" and as "fanout": rename or remove one.',
      { exchanges: [{ name: 'events', type: 'fanout' }] },
    ],
    [
      'Queue "audit" is declared twice, as {"x-queue-type":"quorum","x-delivery-limit":1000000} and as {}: ' +
        'rename or remove one.',
      { queues: [{ name: 'audit', type: 'classic' }] },
    ],
    [
      'Exchange "odd" has type "x-random": expected direct, topic, fanout, headers.',
      { exchanges: [{ name: 'odd', type: 'x-random' as ExchangeType }] },
    ],
    [
      'Queue "log" has type "stream": expected quorum, classic.',
      { queues: [{ name: 'log', type: 'stream' as QueueType }] },
    ],
    ['Exchange "" has no name: give it one.', { exchanges: [{ name: '', type: 'direct' }] }],
    [
      'Binding of queue "audit" to exchange "events" has no routingKey: a topic exchange needs one.',
      { bindings: [{ exchange: 'events', queue: 'audit' }] },
    ],
    [
      'Binding of queue "audit" to exchange "mail" has no routingKey: a direct exchange needs one.',
      { bindings: [{ exchange: 'mail', queue: 'audit' }] },
    ],
    [
      'Binding of queue "audit" to exchange "papers" has x-match="some": expected all, any.',
      { bindings: [{ exchange: 'papers', queue: 'audit', arguments: { 'x-match': 'some' } }] },
    ],
  ])('says: %s', (message, more) => {
    expect(errorOf(more).message).toBe(message);
  });

  it('says in fields what is wrong', () => {
    const { declaration, problem } = errorOf({ queues: [{ name: 'log', type: 'stream' as QueueType }] });
    expect({ declaration, problem }).toEqual({
      declaration: 'Queue "log"',
      problem: 'has type "stream": expected quorum, classic',
    });
  });

  it('is asked by a broker', () => {
    const topology = merged({ bindings: [{ exchange: 'all', queue: 'adit' }] });
    expect(() => new MemoryBroker(topology)).toThrow(InvalidTopologyError);
  });
});
