/** An exchange to declare; durable. */
export interface ExchangeDeclaration {
  name: string;
  type: 'direct';
}

/** A queue to declare; durable. */
export interface QueueDeclaration {
  name: string;
  arguments: Record<string, unknown>;
}

export interface BindingDeclaration {
  exchange: string;
  queue: string;
  routingKey: string;
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
 */
const QUORUM = { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 };

/**
 * The topology of our own task queues: for each a durable direct exchange and a quorum queue of the same name, bound
 * by that name (as Celery does), and a queue for its dead letters. Dead-lettering at-least-once needs
 * `reject-publish`. The broker's dead-lettering is only the net: the worker sends a message there itself, with the
 * reason in its headers.
 *
 * And the queue for results, which is reached through the default exchange. A quorum queue keeps a message that
 * Celery marks as transient, as it does with results.
 */
export function taskTopology(queues: readonly string[]): Topology {
  return {
    exchanges: [DEAD_LETTER_EXCHANGE, ...queues].map((name) => ({ name, type: 'direct' })),
    queues: [
      ...queues.flatMap((name) => [
        {
          name,
          arguments: {
            ...QUORUM,
            'x-overflow': 'reject-publish',
            'x-dead-letter-strategy': 'at-least-once',
            'x-dead-letter-exchange': DEAD_LETTER_EXCHANGE,
            'x-dead-letter-routing-key': name,
          },
        },
        { name: deadLetterQueue(name), arguments: QUORUM },
      ]),
      { name: RESULTS_QUEUE, arguments: QUORUM },
    ],
    bindings: queues.flatMap((name) => [
      { exchange: name, queue: name, routingKey: name },
      { exchange: DEAD_LETTER_EXCHANGE, queue: deadLetterQueue(name), routingKey: name },
    ]),
  };
}
