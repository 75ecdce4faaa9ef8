import { Wakeup } from './wakeup.js';
import type { Publisher } from '../broker/broker.js';
import type { OutboxStore } from '../store/task-store.js';
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
  private readonly wakeup = new Wakeup();
  private readonly pollMs: number;
  private readonly leaseMs: number;
  private readonly batchSize: number;
  private running: Promise<void> | undefined;
  private stopping = false;

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
    this.running ??= this.run();
  }

  /** Looks at once instead of at the next poll. */
  wake(): void {
    this.wakeup.wake();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    let failed = false;
    while (!this.stopping) {
      let taken = 0;
      try {
        taken = await this.relayDue();
        failed = false;
      } catch (error) {
        if (!failed) this.options.onError?.(error);
        failed = true;
      }
      if (taken < this.batchSize && !this.stopping) await this.wakeup.wait(this.pollMs);
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
