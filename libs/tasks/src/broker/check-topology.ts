import { isDeepStrictEqual } from 'node:util';
import { InvalidTopologyError } from './invalid-topology.error.js';
import {
  EXCHANGE_TYPES,
  QUEUE_TYPES,
  queueArguments,
  type BindingDeclaration,
  type ExchangeDeclaration,
  type QueueDeclaration,
  type Topology,
} from './topology.js';

const MATCHES = ['all', 'any'];

/**
 * Finds what RabbitMQ would answer by closing the channel, again at each try.
 *
 * @throws {@link InvalidTopologyError}
 */
export function checkTopology(topology: Topology): void {
  const exchanges = byName('Exchange', topology.exchanges, EXCHANGE_TYPES, ({ type }) => type);
  const queues = byName('Queue', topology.queues, QUEUE_TYPES, queueArguments);
  for (const queue of queues.values()) checkPriorities(queue);
  for (const binding of topology.bindings) {
    const { exchange, queue } = binding;
    const declaration = `Binding of queue "${queue}" to exchange "${exchange}"`;
    if (!queues.has(queue)) throw new InvalidTopologyError(declaration, notDeclared('queue', [...queues.keys()]));
    const source = exchanges.get(exchange);
    if (source === undefined) {
      throw new InvalidTopologyError(declaration, notDeclared('exchange', [...exchanges.keys()]));
    }
    const problem = problemOf(binding, source);
    if (problem !== undefined) throw new InvalidTopologyError(declaration, problem);
  }
}

/** What is declared, by its name; twice is fine as long as it is the same. */
function byName<Declaration extends { name: string; type: string }>(
  kind: string,
  declarations: readonly Declaration[],
  types: readonly string[],
  declaredAs: (declaration: Declaration) => unknown,
): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  for (const declaration of declarations) {
    const { name, type } = declaration;
    const subject = `${kind} "${name}"`;
    if (name === '') throw new InvalidTopologyError(subject, 'has no name: give it one');
    if (!types.includes(type)) {
      throw new InvalidTopologyError(subject, `has type ${JSON.stringify(type)}: expected ${types.join(', ')}`);
    }
    const first = found.get(name);
    if (first !== undefined && !isDeepStrictEqual(declaredAs(first), declaredAs(declaration))) {
      const [one, other] = [first, declaration].map((twin) => JSON.stringify(declaredAs(twin)));
      throw new InvalidTopologyError(subject, `is declared twice, as ${one} and as ${other}: rename or remove one`);
    }
    found.set(name, declaration);
  }
  return found;
}

/** RabbitMQ answers 406. */
function checkPriorities(queue: QueueDeclaration): void {
  const given = queueArguments(queue)['x-max-priority'];
  if (given === undefined) return;
  const refuse = (problem: string): never => {
    throw new InvalidTopologyError(`Queue "${queue.name}"`, `has x-max-priority=${JSON.stringify(given)}${problem}`);
  };
  if (queue.type === 'quorum') refuse(', which a quorum queue cannot have: make its type classic, or leave it out');
  if (!Number.isInteger(given) || Number(given) < 1 || Number(given) > 255) refuse(': expected 1 to 255');
}

function notDeclared(kind: string, declared: string[]): string {
  return `needs that ${kind}, which is not declared: declare it, or bind one of ${declared.join(', ')}`;
}

function problemOf({ routingKey, arguments: args }: BindingDeclaration, { type }: ExchangeDeclaration) {
  if ((type === 'direct' || type === 'topic') && routingKey === undefined) {
    return `has no routingKey: a ${type} exchange needs one`;
  }
  const match = args?.['x-match'];
  if (type === 'headers' && match !== undefined && !MATCHES.includes(match as string)) {
    return `has x-match=${JSON.stringify(match)}: expected ${MATCHES.join(', ')}`;
  }
  return undefined;
}
