import { setTimeout as sleep } from 'node:timers/promises';
import { classifyStoreError } from './store-errors.js';

/** @typeParam Item - what goes in @typeParam Result - what comes back for each item */
export interface NaturalBatchOptions<Item, Result> {
  /** Writes a batch; its results are in the order of the items. */
  flush(items: Item[]): Promise<Result[]>;
  /**
   * What to do while the store is away. `wait`: try the batch again until it is back (a worker, which
   * acknowledges nothing meanwhile). `throw`: fail at once (a web server, which answers 503).
   */
  whenAway: 'wait' | 'throw';
  /** Told of each failed try. */
  onError?(error: unknown): void;
  /** Most items a flush takes. @defaultValue 500 */
  maxBatch?: number;
  /** Most items that wait; further callers are held back until there is room. @defaultValue 10000 */
  maxPending?: number;
}

interface Entry<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** How often a batch is tried again that met a deadlock, or an error that nobody knows. */
const MAX_TRIES = 5;

/**
 * Natural batching: while one batch commits, the next one gathers. There is no timer, so a lone item waits for
 * nobody, and under load a round trip and a commit are shared by all that came during the last one.
 *
 * An item that Postgres refuses (SQLSTATE 22 or 23), or that fails in some way that does not pass, must not take the
 * others with it: the batch is split until the bad item is alone, and only its caller gets the error.
 */
export class NaturalBatch<Item, Result> {
  private queue: Entry<Item, Result>[] = [];
  private running: Promise<void> | undefined;
  private readonly waitingForRoom: Array<() => void> = [];
  private readonly maxBatch: number;
  private readonly maxPending: number;
  private abandoned: Error | undefined;

  constructor(private readonly options: NaturalBatchOptions<Item, Result>) {
    this.maxBatch = options.maxBatch ?? 500;
    this.maxPending = options.maxPending ?? 10_000;
  }

  /**
   * @returns the item's result, once its batch has been written
   * @throws what the store said of this item, or, with `whenAway: 'throw'`, why it could not be reached
   */
  async add(item: Item): Promise<Result> {
    while (this.queue.length >= this.maxPending) {
      await new Promise<void>((resolve) => this.waitingForRoom.push(resolve));
    }
    return new Promise<Result>((resolve, reject) => {
      if (this.abandoned !== undefined) {
        reject(this.abandoned);
        return;
      }
      this.queue.push({ item, resolve, reject });
      // In a microtask, so that items which are added in the same turn share the first flush.
      this.running ??= Promise.resolve().then(() => this.run());
    });
  }

  /** Resolves when all that was added has been written. */
  async drain(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  /** Gives up what is still waiting for the store: its callers get the error. For a stop that may not take longer. */
  abandon(reason: Error): void {
    this.abandoned = reason;
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, this.maxBatch);
      for (const resume of this.waitingForRoom.splice(0)) resume();
      await this.write(batch);
    }
    this.running = undefined;
  }

  /** @param mayRetry - false for a part of a batch that was tried often enough as a whole */
  private async write(batch: Entry<Item, Result>[], mayRetry = true): Promise<void> {
    let unknownFailures = 0;
    for (let failures = 0; ; failures += 1) {
      try {
        const results = await this.options.flush(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => entry.resolve(results[index] as Result));
        return;
      } catch (error) {
        const kind = classifyStoreError(error);
        if (kind === 'data') return this.isolate(batch, error, mayRetry);
        if (kind !== 'away') unknownFailures += 1;
        this.options.onError?.(error);
        if (this.abandoned !== undefined || !this.mayTryAgain(kind, mayRetry ? unknownFailures : MAX_TRIES)) {
          if (kind === 'other') return this.isolate(batch, error, false);
          for (const entry of batch) entry.reject(error);
          return;
        }
        await sleep(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
      }
    }
  }

  private mayTryAgain(kind: 'conflict' | 'away' | 'other', failures: number): boolean {
    if (kind === 'away') return this.options.whenAway === 'wait';
    return failures < MAX_TRIES;
  }

  private async isolate(batch: Entry<Item, Result>[], error: unknown, mayRetry: boolean): Promise<void> {
    if (batch.length === 1) {
      batch[0]?.reject(error);
      return;
    }
    const middle = batch.length >> 1;
    await this.write(batch.slice(0, middle), mayRetry);
    await this.write(batch.slice(middle), mayRetry);
  }
}
