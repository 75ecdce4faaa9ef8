import { isDeepStrictEqual } from 'node:util';
import type { BindingDeclaration, ExchangeType, Topology } from './topology.js';

type Headers = Readonly<Record<string, unknown>>;

/**
 * Which queues a message goes to, as AMQP 0-9-1 (3.1.3) and RabbitMQ have it. The default exchange `''` routes to the
 * queue that the key names, the others to the queues of all bindings that fit.
 *
 * @returns the names of the queues, each once; empty when the message is unroutable
 */
export function routeMessage(
  topology: Topology,
  exchange: string,
  routingKey: string,
  headers: Headers = {},
): string[] {
  if (exchange === '') return topology.queues.some(({ name }) => name === routingKey) ? [routingKey] : [];
  const type = topology.exchanges.find(({ name }) => name === exchange)?.type;
  if (type === undefined) return [];
  const fitting = topology.bindings.filter(
    (binding) => binding.exchange === exchange && fits(type, binding, routingKey, headers),
  );
  return [...new Set(fitting.map(({ queue }) => queue))];
}

function fits(type: ExchangeType, binding: BindingDeclaration, routingKey: string, headers: Headers): boolean {
  const { routingKey: pattern = '', arguments: expected = {} } = binding;
  switch (type) {
    case 'direct':
      return pattern === routingKey;
    case 'topic':
      return fitsWords(wordsOf(pattern), wordsOf(routingKey));
    case 'fanout':
      return true;
    case 'headers':
      return fitsHeaders(expected, headers);
  }
}

/** An empty key has no words; between two dots is a word, even an empty one. */
function wordsOf(key: string): string[] {
  return key === '' ? [] : key.split('.');
}

function fitsWords([first, ...others]: string[], words: string[]): boolean {
  if (first === undefined) return words.length === 0;
  if (first === '#') return [...words, ''].some((_, taken) => fitsWords(others, words.slice(taken)));
  return words.length > 0 && (first === '*' || first === words[0]) && fitsWords(others, words.slice(1));
}

/** Arguments whose names begin with `x-` are not compared. */
function fitsHeaders(expected: Headers, headers: Headers): boolean {
  const compared = Object.entries(expected).filter(([name, value]) => !name.startsWith('x-') && value !== undefined);
  const isThere = ([name, value]: [string, unknown]): boolean =>
    headers[name] !== undefined && (value === null || isDeepStrictEqual(headers[name], value));
  return expected['x-match'] === 'any' ? compared.some(isThere) : compared.every(isThere);
}
