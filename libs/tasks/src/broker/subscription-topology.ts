import { DEAD_LETTER_EXCHANGE, deadLettering, deadLetterQueue, type Topology } from './topology.js';

/** What {@link subscriptionTopology} declares. */
export interface SubscriptionDeclaration {
  /** The subscriber's own: processes that consume the same queue share its messages. */
  queue: string;
  /** A topic exchange. */
  exchange: string;
  /** The patterns of the routing keys that it wants: `*` stands for one word, `#` for any number of them. */
  patterns: readonly string[];
}

/** What a subscriber needs: the exchange, its queue, bound by patterns, and a queue for its dead letters. */
export function subscriptionTopology({ queue, exchange, patterns }: SubscriptionDeclaration): Topology {
  const deadLetters = deadLetterQueue(queue);
  return {
    exchanges: [
      { name: exchange, type: 'topic' },
      { name: DEAD_LETTER_EXCHANGE, type: 'direct' },
    ],
    queues: [
      { name: queue, type: 'quorum', arguments: deadLettering(queue) },
      { name: deadLetters, type: 'quorum' },
    ],
    bindings: [
      ...patterns.map((routingKey) => ({ exchange, queue, routingKey })),
      { exchange: DEAD_LETTER_EXCHANGE, queue: deadLetters, routingKey: queue },
    ],
  };
}
