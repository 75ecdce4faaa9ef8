import type { BindingDeclaration, QueueDeclaration } from '../../../broker/topology.js';
import type { RoutingExampleMessage, RoutingExample } from './routing-example.js';

/** A queue for each binding, of the same name; classic, since there are many. */
function withQueues(
  name: string,
  exchange: { name: string; type: 'direct' | 'topic' | 'headers' },
  bindings: BindingDeclaration[],
  messages: RoutingExampleMessage[],
): RoutingExample {
  const names = [...new Set(bindings.map(({ queue }) => queue))];
  const queues = names.map((queue): QueueDeclaration => ({ name: queue, type: 'classic' }));
  return { name, exchange: exchange.name, topology: { exchanges: [exchange], queues, bindings }, messages };
}

function matches(arguments_: Record<string, unknown>, queue: string): BindingDeclaration {
  return { exchange: 'odd.headers', queue, arguments: arguments_ };
}

function sent(headers: Record<string, unknown>, ...queues: string[]): RoutingExampleMessage {
  return { routingKey: 'ignored', headers, queues };
}

const PATTERNS = ['', '#', '*', '*.*', 'a.#', '#.b', 'a.#.b', 'a.*.b', '#.#', '*.#', 'a', 'a.', 'a#'];

const topicEdgeCases = withQueues(
  'topic',
  { name: 'odd.topic', type: 'topic' },
  [
    ...PATTERNS.map((routingKey) => ({ exchange: 'odd.topic', queue: `odd.topic ${routingKey}`, routingKey })),
    { exchange: 'odd.topic', queue: 'odd.topic #', routingKey: 'a.b' },
  ],
  [
    keyed('', '', '#', '#.#'),
    keyed('a', '#', '*', 'a.#', '#.#', '*.#', 'a'),
    keyed('b', '#', '*', '#.b', '#.#', '*.#'),
    keyed('A', '#', '*', '#.#', '*.#'),
    keyed('a.b', '#', '*.*', 'a.#', '#.b', 'a.#.b', '#.#', '*.#'),
    keyed('a.x.b', '#', 'a.#', '#.b', 'a.#.b', 'a.*.b', '#.#', '*.#'),
    keyed('a..b', '#', 'a.#', '#.b', 'a.#.b', 'a.*.b', '#.#', '*.#'),
    keyed('a.x.b.b', '#', 'a.#', '#.b', 'a.#.b', '#.#', '*.#'),
    keyed('a.', '#', '*.*', 'a.#', '#.#', '*.#', 'a.'),
    keyed('.', '#', '*.*', '#.#', '*.#'),
    keyed('#', '#', '*', '#.#', '*.#'),
    keyed('a#', '#', '*', '#.#', '*.#', 'a#'),
  ],
);

function keyed(routingKey: string, ...patterns: string[]): RoutingExampleMessage {
  return { routingKey, queues: patterns.map((pattern) => `odd.topic ${pattern}`) };
}

/** Where a header `a` of 1 leads, whatever comes with it. */
const OF_ONE = ['x-headers do not count for all', 'x-headers do not count for any', 'any value, or true'];

const headersEdgeCases = withQueues(
  'headers',
  { name: 'odd.headers', type: 'headers' },
  [
    matches({}, 'no arguments'),
    matches({ 'x-match': 'any' }, 'any of none'),
    matches({ a: 1, b: 'two' }, 'all by default'),
    matches({ 'x-match': 'all', a: 1, 'x-b': 2 }, 'x-headers do not count for all'),
    matches({ 'x-match': 'any', a: 1, 'x-b': 2 }, 'x-headers do not count for any'),
    matches({ 'x-match': 'any', a: null, c: true }, 'any value, or true'),
    matches({ a: '1' }, 'text'),
    matches({ a: 1 }, 'all'),
    matches({ b: 'two' }, 'all'),
  ],
  [
    sent({}, 'no arguments'),
    sent({ a: 1 }, 'no arguments', ...OF_ONE, 'all'),
    sent({ a: 1, b: 'two' }, 'no arguments', 'all by default', ...OF_ONE, 'all'),
    sent({ a: '1' }, 'no arguments', 'any value, or true', 'text'),
    sent({ a: null }, 'no arguments', 'any value, or true'),
    sent({ c: true }, 'no arguments', 'any value, or true'),
    sent({ c: 'true' }, 'no arguments'),
    sent({ A: 1, 'x-b': 2 }, 'no arguments'),
    sent({ b: 'Two' }, 'no arguments'),
  ],
);

const directEdgeCases = withQueues(
  'direct',
  { name: 'odd.direct', type: 'direct' },
  ['', '#', 'a', 'a.b'].map((routingKey) => ({
    exchange: 'odd.direct',
    queue: `odd.direct ${routingKey}`,
    routingKey,
  })),
  ['', '#', 'a', 'a.b'].map((routingKey) => ({ routingKey, queues: [`odd.direct ${routingKey}`] })),
);

/** What is easily got wrong, as RabbitMQ does it. */
export const routingEdgeCases: RoutingExample[] = [directEdgeCases, topicEdgeCases, headersEdgeCases];
