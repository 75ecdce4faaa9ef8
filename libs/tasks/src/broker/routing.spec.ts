import { describe, expect, it } from '@jest/globals';
import { routingEdgeCases } from '../testing/conformance/broker/routing-edge-cases.js';
import { routingExamples } from '../testing/conformance/broker/routing-examples.js';
import { routeMessage } from './routing.js';
import type { Topology } from './topology.js';

const topology: Topology = {
  exchanges: [
    { name: 'work', type: 'direct' },
    { name: 'other', type: 'direct' },
    { name: 'lonely', type: 'fanout' },
  ],
  queues: ['a', 'b', 'unbound'].map((name) => ({ name, type: 'quorum' })),
  bindings: [
    { exchange: 'work', queue: 'a', routingKey: 'one' },
    { exchange: 'work', queue: 'a', routingKey: 'one' },
    { exchange: 'work', queue: 'b', routingKey: 'one' },
    { exchange: 'work', queue: 'b', routingKey: 'two' },
    { exchange: 'other', queue: 'b', routingKey: 'three' },
  ],
};

describe('routeMessage', () => {
  it.each<[exchange: string, routingKey: string, queues: string[]]>([
    ['', 'a', ['a']],
    ['', 'unbound', ['unbound']],
    ['', 'one', []],
    ['', '', []],
    ['work', 'one', ['a', 'b']],
    ['work', 'two', ['b']],
    ['work', 'a', []],
    ['work', 'three', []],
    ['work', 'ONE', []],
    ['work', 'on', []],
    ['other', 'three', ['b']],
    ['lonely', 'one', []],
    ['missing', 'one', []],
  ])('exchange "%s" with key "%s" leads to %p', (exchange, routingKey, queues) => {
    expect(routeMessage(topology, exchange, routingKey)).toEqual(queues);
  });

  const cases = [...routingExamples, ...routingEdgeCases].flatMap((example) =>
    example.messages.map((message) => ({ ...example, ...message, given: JSON.stringify(message.headers ?? {}) })),
  );

  it.each(cases)('by $name: key "$routingKey" with headers $given leads to $queues', (example) => {
    const { exchange, routingKey, headers, queues } = example;
    expect(routeMessage(example.topology, exchange, routingKey, headers)).toEqual(queues);
  });
});
