import type { TaskMessage } from '../protocol/task-message.js';
import type { Topology } from './topology.js';

/** A message on its way to an exchange. `properties.messageId` tells it apart from all others in flight. */
export interface Publication {
  exchange: string;
  routingKey: string;
  /** False: a message that no queue takes is dropped, and confirmed. @defaultValue true */
  mandatory?: boolean;
  message: TaskMessage;
}

/**
 * What the broker says to a publication. `confirmed`: it has the message on disk. `returned`: it has no queue for it
 * (the topology has been declared again; try later).
 */
export type PublishOutcome = 'confirmed' | 'returned';

/** A message as a consumer gets it. It stays with the broker until it is acknowledged. */
export interface Delivery {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly message: TaskMessage;
  /** False once the channel is gone: the broker will deliver the message again. */
  readonly alive: boolean;
  /** Tells the broker to forget the message. Does nothing once the channel is gone. */
  ack(): void;
  /** Gives the message back to its queue. Does nothing once the channel is gone. */
  release(): void;
}

/** What a {@link Consumer} is told. */
export interface ConsumeOptions {
  queue: string;
  /** What is to be declared for it beside the broker's own topology. @defaultValue nothing */
  topology?: Topology;
  /** How many deliveries may be unacknowledged at a time. */
  prefetch: number;
  onDelivery(delivery: Delivery): void;
  /**
   * Called when nothing is delivered though the broker is there and has something, and neither a new channel nor a new
   * connection helped: a new process may.
   *
   * @param reason - a line for a person
   */
  onBroken?(reason: string): void;
}

/** A subscription that outlives connections: it consumes again after each of them. */
export interface Consumer {
  /** True while the broker delivers to it: it is consuming, and gets what there is. */
  readonly active: boolean;
  /** Why it is not active, in one line; null while it is. */
  readonly trouble: string | null;
  /** Stops deliveries; those in hand can still be acknowledged. */
  cancel(): Promise<void>;
  /** Gives back what is not acknowledged. */
  close(): Promise<void>;
}

/** What a look into a queue is told. */
export interface BrowseOptions {
  queue: string;
  /** How many messages are held at most, from the front of the queue; RabbitMQ holds up to {@link MOST_BROWSED}. */
  limit: number;
  /**
   * Called with each of them, in the queue's order. They may be acknowledged once the look has resolved.
   *
   * @returns false when it has seen enough
   */
  onDelivery: (delivery: Delivery) => boolean;
}

/** What one look into a queue can hold: AMQP counts no further. */
export const MOST_BROWSED = 65_535;

/** Messages that are held by a look into a queue: nobody else gets them meanwhile. */
export interface Browser {
  /** Gives back what was not acknowledged, in its order. Resolves when the broker knows all that. */
  close(): Promise<void>;
}

/** What a broker says of a queue. */
export interface QueueInfo {
  /** False when there is no such queue; so there is nothing in it, and nobody at it. */
  exists: boolean;
  /** How many messages are ready to be delivered. */
  messages: number;
  consumers: number;
}

/** Sends messages. */
export interface Publisher {
  /** False while publishing is bound to fail, since the broker is away or holds publishers back. */
  readonly ready: boolean;
  /** Messages that wait for their confirm. */
  readonly inFlight: number;
  /**
   * Publishes a message and waits for the broker's confirm.
   *
   * @throws {@link BrokerAwayError} when it is not known to have arrived
   */
  publish(publication: Publication): Promise<PublishOutcome>;
  /** Calls the listener whenever publishing becomes possible (again). */
  onReady(listener: () => void): void;
}

/** RabbitMQ, or what stands in for it. */
export interface Broker extends Publisher {
  /** @throws {@link InvalidTopologyError} when what it declares does not fit the rest */
  consume(options: ConsumeOptions): Consumer;
  /**
   * Holds the messages of a queue for a look at them. Resolves when all that are ready, or enough, have been seen;
   * there are none in a queue that is not there. To be short: others see none of them until it is closed.
   *
   * @throws {@link BrokerAwayError}
   */
  browse(options: BrowseOptions): Promise<Browser>;
  /** Asks what is in a queue, and who consumes it. @returns null when the broker is away, or gives no answer in 2 s */
  queueInfo(queue: string): Promise<QueueInfo | null>;
  /**
   * Drops the messages that are ready in a queue. Those that were delivered and not acknowledged stay.
   *
   * @returns how many they were, 0 where there is no such queue
   * @throws {@link BrokerAwayError}
   */
  purge(queue: string): Promise<number>;
  /** What answers, such as `RabbitMQ 4.2.1`; null while it is away. */
  readonly product: string | null;
  /** What keeps it from being published to, in one line for a person; null when nothing does. */
  readonly trouble: string | null;
  /** Ends publishing and consuming. */
  close(): Promise<void>;
}
