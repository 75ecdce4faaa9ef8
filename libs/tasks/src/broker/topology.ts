import { declaredQueue, type TaskQueue } from './task-queue.js';

/** All exchange types that there are without plug-ins. */
export const EXCHANGE_TYPES = ['direct', 'topic', 'fanout', 'headers'] as const;

/**
 * How an exchange compares a message with its bindings. `direct`: by the routing key, which has to be the same.
 * `topic`: by the words of the routing key. `fanout`: not at all. `headers`: by the message's headers.
 */
export type ExchangeType = (typeof EXCHANGE_TYPES)[number];

/** An exchange to declare; durable. */
export interface ExchangeDeclaration {
  name: string;
  type: ExchangeType;
}

/** The types that a queue of ours may have. */
export const QUEUE_TYPES = ['quorum', 'classic'] as const;

/**
 * `quorum`: replicated, what all queues of ours are. `classic`: declared as Celery declares its queues, for a Celery
 * worker older than 5.5, which cannot consume a quorum queue.
 */
export type QueueType = (typeof QUEUE_TYPES)[number];

/** A queue to declare; durable. */
export interface QueueDeclaration {
  name: string;
  type: QueueType;
  /** Beside those of its type, by RabbitMQ's names: `x-max-length`. */
  arguments?: Record<string, unknown>;
}

/** What leads from an exchange to a queue. */
export interface BindingDeclaration {
  exchange: string;
  queue: string;
  /**
   * For a direct exchange the very routing key; for a topic exchange a pattern, in which `*` stands for one word and
   * `#` for any number of them, none too. Fanout and headers exchanges do not look at it.
   */
  routingKey?: string;
  /**
   * For a headers exchange: the headers that the message has to have, null for one of any value. `x-match` says
   * whether all of them (the default) or `any`.
   */
  arguments?: Record<string, unknown>;
}

/** Exchanges, queues and bindings, as plain data. */
export interface Topology {
  exchanges: ExchangeDeclaration[];
  queues: QueueDeclaration[];
  bindings: BindingDeclaration[];
}

/** Where messages go that no worker can run; the routing key is the name of the queue they were in. */
export const DEAD_LETTER_EXCHANGE = 'celeriac.dead_letters';

/** Where workers that are not ours send what became of the tasks that we sent them. */
export const RESULTS_QUEUE = 'celeriac.results';

/** @returns the name of the queue that holds a task queue's dead letters */
export function deadLetterQueue(queue: string): string {
  return `${queue}.dead_letters`;
}

/**
 * RabbitMQ 4 drops a message after 20 deliveries unless told otherwise, and counts reconnects as deliveries; how often
 * a task may fail is ours to say, so the limit is set out of reach (-1 would drop at the first nack on 3.10).
 *
 * A classic queue has none: a Celery worker declares its queue without any, and would be refused.
 */
const TYPE_ARGUMENTS: Readonly<Record<QueueType, Record<string, unknown>>> = {
  quorum: { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 },
  classic: {},
};

/** @returns the arguments that the queue is declared with: those of its type, and its own */
export function queueArguments({ type, arguments: own }: QueueDeclaration): Record<string, unknown> {
  return { ...TYPE_ARGUMENTS[type], ...own };
}

/**
 * What a quorum queue of ours has beside the arguments of its type. Dead-lettering at-least-once needs
 * `reject-publish`. The broker's dead-lettering is only the net: who consumes sends a message there itself, with the
 * reason in its headers.
 */
export function deadLettering(queue: string): Record<string, unknown> {
  return {
    'x-overflow': 'reject-publish',
    'x-dead-letter-strategy': 'at-least-once',
    'x-dead-letter-exchange': DEAD_LETTER_EXCHANGE,
    'x-dead-letter-routing-key': queue,
  };
}

/**
 * The topology of our own task queues: each with its exchange and its binding, and a queue for its dead letters.
 *
 * And the queue for results, which is reached through the default exchange. A quorum queue keeps a message that
 * Celery marks as transient, as it does with results.
 *
 * @param queues - what the `TasksModule` gets as its `queues` too
 */
export function taskTopology(queues: ReadonlyArray<string | TaskQueue>): Topology {
  const declared = queues.map(declaredQueue);
  return {
    exchanges: [{ name: DEAD_LETTER_EXCHANGE, type: 'direct' }, ...declared.map(({ exchange }) => exchange)],
    queues: [
      ...declared.flatMap(({ name, type, arguments: own }): QueueDeclaration[] => [
        { name, type, arguments: type === 'quorum' ? { ...deadLettering(name), ...own } : own },
        { name: deadLetterQueue(name), type: 'quorum' },
      ]),
      { name: RESULTS_QUEUE, type: 'quorum' },
    ],
    bindings: declared.flatMap(({ name, exchange, routingKey, bindingArguments }) => [
      { exchange: exchange.name, queue: name, routingKey, arguments: bindingArguments },
      { exchange: DEAD_LETTER_EXCHANGE, queue: deadLetterQueue(name), routingKey: name },
    ]),
  };
}

/**
 * Several topologies as one, such as that of the task queues and an app's own. A binding may lead from an exchange of
 * one to a queue of another; what two of them declare alike is one. A broker checks what it is given.
 */
export function mergeTopologies(...topologies: ReadonlyArray<Partial<Topology>>): Topology {
  return {
    exchanges: topologies.flatMap(({ exchanges = [] }) => exchanges),
    queues: topologies.flatMap(({ queues = [] }) => queues),
    bindings: topologies.flatMap(({ bindings = [] }) => bindings),
  };
}
