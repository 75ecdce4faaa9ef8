import { isStoreAway } from '../store/store-errors.js';
import { Loop } from '../timers/loop.js';

/** How often a piece of upkeep is done, and where its trouble is said. */
export interface RoundsOptions {
  intervalMs: number;
  log: { warn(message: string): void };
}

/** A piece of upkeep: done at once, and then at an interval. A round that fails is logged, and the next one comes. */
export abstract class Rounds<Options extends RoundsOptions = RoundsOptions> {
  private readonly loop = new Loop(async () => {
    await this.runOnce().catch((error: unknown) => this.failed(error));
    return this.options.intervalMs;
  });

  /** What it means that a round fails, for the log. */
  protected abstract readonly trouble: string;

  constructor(protected readonly options: Options) {}

  /** One round. @returns how many tasks it was about */
  abstract runOnce(): Promise<number>;

  start(): void {
    this.loop.start();
  }

  /** Waits for a round that is under way. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  private failed(error: unknown): void {
    // The store being away is no news here: whoever writes has said so.
    if (!isStoreAway(error)) this.options.log.warn(`${this.trouble}: ${String(error)}`);
  }
}
