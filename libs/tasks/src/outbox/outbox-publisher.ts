import type { Publisher } from '../broker/broker.js';
import { GENERATION_HEADER } from '../protocol/index.js';
import type { TaskMessage } from '../protocol/index.js';
import type { OutboxMessage, OutboxStore } from '../store/task-store.js';

/** For how long a message waits that no queue took. */
const UNROUTABLE_DELAY_MS = 5000;
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
  ) {}

  /** False when a message had better be left to the relay: it could not be sent now. */
  get ready(): boolean {
    return this.broker.ready && this.broker.inFlight < MAX_IN_FLIGHT;
  }

  /** Publishes one message. Never throws: what fails is still in the outbox, and a relay takes it there. */
  publish(outboxMessage: OutboxMessage): Promise<void> {
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
    const { exchange, routingKey, outboxId } = outboxMessage;
    const outcome = await this.broker.publish({ exchange, routingKey, message: stamped(outboxMessage) });
    if (outcome === 'confirmed') await this.store.published(outboxId);
    else await this.store.postpone(outboxId, UNROUTABLE_DELAY_MS);
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
