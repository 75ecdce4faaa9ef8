import { Wakeup } from '../outbox/wakeup.js';
import { isStoreAway } from '../store/store-errors.js';

export interface RoundsOptions {
  intervalMs: number;
  log: { warn(message: string): void };
}

/** Does a piece of upkeep at once and then at an interval. A round that fails is logged, and the next one comes. */
export class Rounds {
  private readonly wakeup = new Wakeup();
  private running: Promise<void> | undefined;
  private stopping = false;

  /** @param trouble - what it means that a round fails, for the log */
  constructor(
    private readonly trouble: string,
    private readonly round: () => Promise<unknown>,
    private readonly options: RoundsOptions,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Waits for a round that is under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeup.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      await this.round().catch((error: unknown) => this.failed(error));
      if (!this.stopping) await this.wakeup.wait(this.options.intervalMs);
    }
  }

  private failed(error: unknown): void {
    // The store being away is no news here: whoever writes has said so.
    if (!isStoreAway(error)) this.options.log.warn(`${this.trouble}: ${String(error)}`);
  }
}
