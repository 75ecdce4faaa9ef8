import { describe, expect, it } from '@jest/globals';
import { routeMessage } from './routing.js';
import type { Topology } from './topology.js';

const topology: Topology = {
  exchanges: [
    { name: 'work', type: 'direct' },
    { name: 'other', type: 'direct' },
  ],
  queues: ['a', 'b', 'unbound'].map((name) => ({ name, arguments: {} })),
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
    ['work', '#', []],
    ['other', 'three', ['b']],
    ['missing', 'one', []],
  ])('exchange "%s" with key "%s" leads to %p', (exchange, routingKey, queues) => {
    expect(routeMessage(topology, exchange, routingKey)).toEqual(queues);
  });
});
