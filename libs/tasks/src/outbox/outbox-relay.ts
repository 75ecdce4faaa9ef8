import type { Publisher } from '../broker/broker.js';
import type { OutboxStore } from '../store/task-store.js';
import { Loop } from '../timers/loop.js';
import type { OutboxPublisher } from './outbox-publisher.js';

export interface OutboxRelayOptions {
  /** How often it looks for messages that have come due. @defaultValue 500 */
  pollMs?: number;
  /** For how long a message that it took belongs to it. @defaultValue 30000 */
  leaseMs?: number;
  /** Most messages it takes at a time. @defaultValue 500 */
  batchSize?: number;
  /** Told once for each time that the store cannot be reached. */
  onError?(error: unknown): void;
}

/**
 * Publishes what has come due: messages whose writer could not publish them itself, and all that waits for its time.
 * Any number of relays may run; each row is taken by one of them.
 */
export class OutboxRelay {
  private readonly loop = new Loop(() => this.round());
  private readonly pollMs: number;
  private readonly leaseMs: number;
  private readonly batchSize: number;
  private isFailing = false;

  constructor(
    private readonly broker: Publisher,
    private readonly store: OutboxStore,
    private readonly publisher: OutboxPublisher,
    private readonly options: OutboxRelayOptions = {},
  ) {
    this.pollMs = options.pollMs ?? 500;
    this.leaseMs = options.leaseMs ?? 30_000;
    this.batchSize = options.batchSize ?? 500;
  }

  start(): void {
    this.broker.onReady(() => this.wake());
    this.loop.start();
  }

  /** Looks at once instead of at the next poll. */
  wake(): void {
    this.loop.wake();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** @returns in how many milliseconds it is to look again */
  private async round(): Promise<number> {
    try {
      const taken = await this.relayDue();
      this.isFailing = false;
      return taken < this.batchSize ? this.pollMs : 0;
    } catch (error) {
      if (!this.isFailing) this.options.onError?.(error);
      this.isFailing = true;
      return this.pollMs;
    }
  }

  /** @returns how many messages were taken; a message of these may have failed, and will come due again */
  private async relayDue(): Promise<number> {
    if (!this.broker.ready) return 0;
    const messages = await this.store.takeDue(this.batchSize, this.leaseMs);
    await Promise.all(messages.map((message) => this.publisher.publish(message)));
    return messages.length;
  }
}
