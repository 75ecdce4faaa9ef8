import { BrokerAwayError } from '../broker/broker-away.error.js';
import type { Publisher } from '../broker/broker.js';
import { GENERATION_HEADER } from '../protocol/index.js';
import type { TaskMessage } from '../protocol/index.js';
import { isStoreAway } from '../store/store-errors.js';
import type { OutboxMessage, OutboxStore } from '../store/task-store.js';

/** For how long a message waits that no queue took. */
const UNROUTABLE_DELAY_MS = 5000;
/** For how long a message waits that the broker did not confirm: by then it is back, or the relay holds still. */
const UNCONFIRMED_DELAY_MS = 1000;
/** For how long a message waits that cannot be put on the wire at all. Somebody has to look at it. */
const POISON_DELAY_MS = 600_000;
/** More than this in flight, and further messages are left to the relay, so that memory stays flat. */
const MAX_IN_FLIGHT = 2000;

/**
 * Publishes outbox messages and forgets each once the broker has confirmed it. If the process dies in between, the
 * message goes out twice, and the fence lets only one of them run.
 */
export class OutboxPublisher {
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly broker: Publisher,
    private readonly store: OutboxStore,
    private readonly log: { error(message: string): void },
  ) {}

  /** False when a message had better be left to the relay: it could not be sent now. */
  get ready(): boolean {
    return this.broker.ready && this.broker.inFlight < MAX_IN_FLIGHT;
  }

  /** Publishes one message. Never throws: what fails is still in the outbox, and a relay takes it there. */
  publish(outboxMessage: OutboxMessage): Promise<void> {
    // A store that is away frees the message by itself, when its lease has run out.
    const work = this.tryPublish(outboxMessage).catch(() => undefined);
    this.running.add(work);
    void work.then(() => this.running.delete(work));
    return work;
  }

  /** Resolves when nothing is being published any more. */
  async drain(): Promise<void> {
    await Promise.all(this.running);
  }

  private async tryPublish(outboxMessage: OutboxMessage): Promise<void> {
    const { exchange, routingKey, outboxId, mandatory } = outboxMessage;
    try {
      const outcome = await this.broker.publish({ exchange, routingKey, mandatory, message: stamped(outboxMessage) });
      if (outcome === 'confirmed') await this.store.published(outboxId);
      else await this.store.postpone(outboxId, UNROUTABLE_DELAY_MS, 'unroutable');
    } catch (error) {
      if (error instanceof BrokerAwayError) return this.store.postpone(outboxId, UNCONFIRMED_DELAY_MS, null);
      if (isStoreAway(error)) return;
      this.log.error(`The message ${outboxId} of task ${outboxMessage.taskId} cannot be published: ${String(error)}`);
      await this.store.postpone(outboxId, POISON_DELAY_MS, 'unpublishable');
    }
  }
}

/** The generation is the row's own and is put on here alone, whoever wrote the row. */
function stamped({ outboxId, taskId, generation, envelope, body }: OutboxMessage): TaskMessage {
  if (taskId === null || generation === null) {
    return { ...envelope, properties: { ...envelope.properties, messageId: outboxId }, body };
  }
  return {
    properties: { ...envelope.properties, messageId: `${taskId}.${generation}` },
    headers: { ...envelope.headers, [GENERATION_HEADER]: generation },
    body,
  };
}
