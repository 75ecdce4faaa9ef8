import type { Broker } from '../broker/broker.js';
import { isStoreAway } from '../store/store-errors.js';
import type { OutboxStore } from '../store/task-store.js';
import { Wakeup } from './wakeup.js';

export interface ReconcilerOptions {
  /** The task queues that are ours. Nothing else is ever sent again. */
  queues: string[];
  /** How long a task must have been standing still. */
  minAgeMs: number;
  intervalMs: number;
  log: { warn(message: string): void };
}

/**
 * Brings back tasks whose message has vanished: with a queue that was deleted, or with the memory of a broker that was
 * only memory. A queue with messages that are ready is left alone, since the task's own may be among them. One that
 * lies in a worker's prefetch for longer than the age counts as lost too: that is harmless, for the fence stops the
 * older message.
 */
export class Reconciler {
  private readonly wakeup = new Wakeup();
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly broker: Broker,
    private readonly store: OutboxStore,
    private readonly options: ReconcilerOptions,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeup.wake();
    await this.running;
  }

  /** @returns how many tasks were brought back */
  async runOnce(): Promise<number> {
    const empty: string[] = [];
    for (const queue of this.options.queues) {
      if ((await this.broker.messageCount(queue)) === 0) empty.push(queue);
    }
    if (empty.length === 0) return 0;
    const count = await this.store.reconcile(empty, this.options.minAgeMs);
    if (count > 0) this.options.log.warn(`${count} tasks had lost their message and are sent again.`);
    return count;
  }

  private failed(error: unknown): void {
    // The store being away is no news here: whoever writes has said so.
    if (!isStoreAway(error)) this.options.log.warn(`Lost tasks cannot be looked for: ${String(error)}`);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      await this.runOnce().catch((error: unknown) => this.failed(error));
      if (!this.stopping) await this.wakeup.wait(this.options.intervalMs);
    }
  }
}
