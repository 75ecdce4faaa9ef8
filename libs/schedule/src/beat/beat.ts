import { classifyStoreError, isStoreAway, Loop } from '@celeriac/tasks';
import type { DataSource } from 'typeorm';
import { logRound, type BeatLog } from './beat-log.js';
import { disableEntry } from './disable-entry.js';
import type { EntrySender } from '../sending/entry-sender.js';
import { forgetTicks } from './forget-ticks.js';
import { committed, type Round } from './round.js';
import { sendDue } from './send-due.js';

/** So many entries in one transaction. */
const BATCH = 1000;
/** At the latest beat looks again then: nobody may have told it of a change. */
const LONGEST_SLEEP_MS = 5000;
/** How often old ticks are forgotten. */
const FORGET_INTERVAL_MS = 3_600_000;
/** After a round that has failed. */
const PAUSE_MS = 1000;

/** Where a {@link Beat} says what it does. */
export interface BeatOptions {
  log: BeatLog;
  /** Told of each round, when that has been committed. */
  onRound?(round: Round): void;
}

/**
 * Sends the tasks of entries whose time has come. There may be any number of beats, and none of them leads: who writes
 * a tick, under the key of entry and time, sends its task in the same transaction. All times are Postgres's clock.
 */
export class Beat {
  private readonly loop = new Loop(async () => {
    const sleepMs = await this.round().catch((error: unknown) => this.failed(error));
    // Whole milliseconds: a timer that is too early by less than one costs a round.
    return Math.min(Math.ceil(sleepMs), LONGEST_SLEEP_MS);
  });
  /** Why what is due is not sent, in one line; null while it is. */
  trouble: string | null = 'Beat is starting.';
  private isFailing = false;
  private forgottenAtMs = -Infinity;

  constructor(
    private readonly dataSource: DataSource,
    private readonly sender: EntrySender,
    private readonly options: BeatOptions,
  ) {}

  start(): void {
    this.loop.start();
  }

  /** Has it look at once, as after a change of an entry. */
  wake(): void {
    this.loop.wake();
  }

  /** Waits for a round that is under way. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** @returns in how many milliseconds the next one is needed */
  private async round(): Promise<number> {
    const round = await this.sendDue(BATCH);
    logRound(this.options.log, round);
    this.tell(round);
    await this.forgetOld();
    this.isFailing = false;
    this.trouble = null;
    const { found, nextInMs, clockReadAtMs } = round;
    if (found === BATCH) return 0;
    return nextInMs === null ? LONGEST_SLEEP_MS : clockReadAtMs + nextInMs - performance.now();
  }

  /** What listens may not fail what has been committed. */
  private tell(round: Round): void {
    try {
      this.options.onRound?.(round);
    } catch (error) {
      this.options.log.warn(`What is told of periodic tasks has failed: ${String(error)}`);
    }
  }

  /** Nobody's task waits for that, nor for its failing. */
  private async forgetOld(): Promise<void> {
    if (performance.now() - this.forgottenAtMs < FORGET_INTERVAL_MS) return;
    this.forgottenAtMs = performance.now();
    try {
      if (await forgetTicks(this.dataSource.manager)) this.forgottenAtMs = -Infinity;
    } catch (error) {
      this.options.log.warn(`Old times of periodic tasks cannot be forgotten now: ${String(error)}`);
    }
  }

  /** Of several entries among which one has what Postgres cannot take, some; of that one alone, none. */
  private async sendDue(limit: number): Promise<Round> {
    let found: string[] = [];
    try {
      return committed(
        await this.dataSource.transaction((manager) =>
          sendDue(manager, this.sender, limit, (names) => (found = names)),
        ),
      );
    } catch (error) {
      const [entry] = found;
      if (classifyStoreError(error) !== 'data' || entry === undefined) throw error;
      if (found.length > 1) return { ...(await this.sendDue(Math.ceil(found.length / 2))), nextInMs: 0 };
      const problem = `Postgres cannot take its task: ${error instanceof Error ? error.message : String(error)}`;
      await disableEntry(this.dataSource.manager, entry, problem);
      return { found: 1, ticks: [], disabled: [{ entry, problem }], nextInMs: 0, clockReadAtMs: performance.now() };
    }
  }

  private failed(error: unknown): number {
    const what = isStoreAway(error) ? 'Postgres is away' : 'A round has failed';
    // Of a name with several addresses there is an error for each.
    const reason: unknown = error instanceof AggregateError ? error.errors[0] : error;
    this.trouble = `${what}, and periodic tasks wait: ${String(reason)}. Trying again every second.`;
    if (!this.isFailing) this.options.log.warn(this.trouble);
    this.isFailing = true;
    return PAUSE_MS;
  }
}
