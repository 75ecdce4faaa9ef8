import type { Topology } from '../../../broker/topology.js';

/** A message of an example, and where it has to go. */
export interface RoutingExampleMessage {
  routingKey: string;
  headers?: Record<string, unknown>;
  /** The queues that get it, once each, in the order of their declaration; none: the broker gives it back. */
  queues: string[];
}

/** Messages to one exchange of a topology. */
export interface RoutingExample {
  /** Tells it apart: the type of the exchange, `default` for the one without a name. */
  name: string;
  exchange: string;
  topology: Topology;
  messages: RoutingExampleMessage[];
}
