import type { WorkerStore } from '../store/task-store.js';
import { Wakeup } from '../timers/wakeup.js';

export interface LeaseKeeperOptions {
  /** For how long the worker's claims hold without a renewal. */
  leaseMs: number;
  log: { warn(message: string): void };
}

/**
 * Keeps the worker's lease alive in Postgres, and knows without asking whether it is: on the monotonic clock, counted
 * from before the renewal was sent, so that this side always gives it up before the others may.
 */
export class LeaseKeeper {
  private readonly wakeup = new Wakeup();
  private running: () => readonly string[] = () => [];
  private validUntilMs = 0;
  private keeping: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly store: WorkerStore,
    private readonly options: LeaseKeeperOptions,
  ) {}

  /** False when another worker may take over what this one holds. */
  get valid(): boolean {
    return performance.now() < this.validUntilMs;
  }

  /**
   * Resolves when the first lease is held.
   *
   * @param running - the ids of the tasks that the worker runs
   */
  async start(running: () => readonly string[]): Promise<void> {
    this.running = running;
    await this.renew();
    await this.store.forgetOld();
    this.keeping = this.keep();
  }

  /** Ends the lease, so that nobody waits for it to run out. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeup.wake();
    await this.keeping;
    this.validUntilMs = 0;
    // Without an answer it runs out by itself.
    await this.store.renewLease(0).catch(() => undefined);
  }

  private async keep(): Promise<void> {
    const { leaseMs } = this.options;
    let failed = false;
    while (!this.stopping) {
      await this.wakeup.wait(failed ? leaseMs / 10 : leaseMs / 3);
      if (this.stopping) return;
      try {
        await this.renew();
        failed = false;
      } catch (error) {
        if (!failed) this.options.log.warn(`The worker's lease could not be renewed: ${String(error)}`);
        failed = true;
      }
    }
  }

  private async renew(): Promise<void> {
    const sentAtMs = performance.now();
    await this.store.renewLease(this.options.leaseMs, this.running());
    this.validUntilMs = sentAtMs + this.options.leaseMs;
  }
}
