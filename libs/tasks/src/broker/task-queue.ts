import type { ExchangeDeclaration, QueueType } from './topology.js';

/**
 * A queue for tasks, and the way to it: Celery's `Queue(name, exchange, routing_key)`. A name alone is a quorum queue
 * with a direct exchange and a binding of that name.
 */
export interface TaskQueue {
  name: string;
  /** `classic` for a queue that a Celery worker older than 5.5 consumes. @defaultValue quorum, without `maxPriority` */
  type?: QueueType;
  /**
   * The highest priority that counts, 1 to 255: messages of a higher one are delivered before others. Makes a classic
   * queue, since quorum queues are not declared with priorities. @defaultValue none: in the order in which they came
   */
  maxPriority?: number;
  /** What it is bound to. Queues may share one. @defaultValue a direct exchange of the queue's name */
  exchange?: ExchangeDeclaration;
  /** What it is bound by, which for a topic exchange is a pattern. @defaultValue the queue's name */
  routingKey?: string;
  /** For a headers exchange: the headers that a message has to have. */
  bindingArguments?: Record<string, unknown>;
  /** Beside those of its type, by RabbitMQ's names: `x-max-length`. */
  arguments?: Record<string, unknown>;
}

/** A {@link TaskQueue} with all filled in that it left open. */
export interface DeclaredQueue extends Required<Omit<TaskQueue, 'maxPriority'>> {
  maxPriority: number | null;
}

/** Fills in what the declaration of a queue leaves open. */
export function declaredQueue(queue: string | TaskQueue): DeclaredQueue {
  const given: TaskQueue = typeof queue === 'string' ? { name: queue } : queue;
  const { name, maxPriority = null, routingKey = name, bindingArguments = {}, arguments: own = {} } = given;
  const { type = maxPriority === null ? 'quorum' : 'classic', exchange = { name, type: 'direct' } } = given;
  const args = maxPriority === null ? own : { 'x-max-priority': maxPriority, ...own };
  return { name, type, maxPriority, exchange, routingKey, bindingArguments, arguments: args };
}
