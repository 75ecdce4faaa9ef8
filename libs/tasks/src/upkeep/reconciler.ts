import { BROADCAST_EXPIRY_MS } from '../broker/broadcast-topology.js';
import type { Broker } from '../broker/broker.js';
import type { OutboxStore } from '../store/task-store.js';
import { Rounds, type RoundsOptions } from './rounds.js';

/** What a {@link Reconciler} looks after. */
export interface ReconcilerOptions extends RoundsOptions {
  /** The task queues that are ours. Nothing else is ever sent again. */
  queues: string[];
  /** How long a task must have been standing still. */
  minAgeMs: number;
}

/**
 * Brings back tasks whose message has vanished: with a queue that was deleted, or with the memory of a broker that was
 * only memory. A queue with messages that are ready is left alone, since the task's own may be among them. One that
 * lies in a worker's prefetch for longer than the age counts as lost too: that is harmless, for the fence stops the
 * older message.
 */
export class Reconciler extends Rounds<ReconcilerOptions> {
  protected readonly trouble = 'Lost tasks cannot be looked for';
  private readonly ownQueues = new Set<string>();

  constructor(
    private readonly broker: Broker,
    private readonly store: OutboxStore,
    options: ReconcilerOptions,
  ) {
    super(options);
  }

  /** Looks after one more queue: one that a worker of this process has for itself. */
  lookAfter(queue: string): void {
    this.ownQueues.add(queue);
  }

  /** @returns how many tasks were brought back */
  async runOnce(): Promise<number> {
    await this.endAbandoned();
    const empty: string[] = [];
    for (const queue of [...this.options.queues, ...this.ownQueues]) {
      const info = await this.broker.queueInfo(queue);
      if (info?.messages === 0) empty.push(queue);
    }
    if (empty.length === 0) return 0;
    const count = await this.store.reconcile(empty, this.options.minAgeMs);
    if (count > 0) this.options.log.warn(`${count} tasks had lost their message and are sent again.`);
    return count;
  }

  private async endAbandoned(): Promise<void> {
    const count = await this.store.endAbandoned(BROADCAST_EXPIRY_MS);
    if (count === 0) return;
    this.options.log.warn(`${count} runs of broadcasts have failed, since their workers have not come back.`);
  }
}
