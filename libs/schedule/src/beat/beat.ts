import { classifyStoreError, isStoreAway, Loop } from '@celeriac/tasks';
import type { DataSource } from 'typeorm';
import type { BeatLog } from './beat-log.js';
import { disableEntry } from './disable-entry.js';
import type { EntrySender } from './entry-sender.js';
import { forgetTicks } from './forget-ticks.js';
import { sendDue, type Round, type SentTick } from './send-due.js';

/** So many entries in one transaction. */
const BATCH = 1000;
/** At the latest beat looks again then: nobody told it of a change, or another beat died with entries in hand. */
const LONGEST_SLEEP_MS = 5000;
/** How often old ticks are forgotten. */
const FORGET_INTERVAL_MS = 3_600_000;
/** After a round that has failed. */
const PAUSE_MS = 1000;

/** Where a {@link Beat} says what it does. */
export interface BeatOptions {
  log: BeatLog;
  /** Told of each task that was sent, when that has been committed. */
  onSent?(sent: SentTick): void;
}

/**
 * Sends the tasks of entries whose time has come. There may be any number of beats, and none of them leads: who writes
 * a tick, under the key of entry and time, sends its task in the same transaction. All times are Postgres's clock.
 */
export class Beat {
  private readonly loop = new Loop(async () => {
    const sleepMs = await this.round().catch((error: unknown) => this.failed(error));
    return Math.min(sleepMs, LONGEST_SLEEP_MS);
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
    const round = await this.sendTogether();
    for (const { entry, problem } of round.disabled) this.options.log.warn(`Entry "${entry}" is disabled: ${problem}`);
    for (const sent of round.sent) {
      const due = `due ${sent.dueAt.toISOString()}, ${sent.lateMs} ms late`;
      this.options.log.log(`Sent ${sent.task}[${sent.taskId}] (entry "${sent.entry}", ${due}).`);
      this.tell(sent);
    }
    await this.forgetOld();
    this.isFailing = false;
    this.trouble = null;
    return round.found.length === BATCH ? 0 : (round.nextInMs ?? LONGEST_SLEEP_MS);
  }

  /** What listens may not fail what has been committed. */
  private tell(sent: SentTick): void {
    try {
      this.options.onSent?.(sent);
    } catch (error) {
      this.options.log.warn(`What is told of sent tasks has failed: ${String(error)}`);
    }
  }

  private async forgetOld(): Promise<void> {
    if (performance.now() - this.forgottenAtMs < FORGET_INTERVAL_MS) return;
    if (!(await forgetTicks(this.dataSource.manager))) this.forgottenAtMs = performance.now();
  }

  private async sendTogether(): Promise<Round> {
    try {
      return await this.dataSource.transaction((manager) => sendDue(manager, this.sender, BATCH));
    } catch (error) {
      if (classifyStoreError(error) !== 'data') throw error;
      return this.sendNext();
    }
  }

  /** The next entry alone: among several, one has what Postgres cannot take. */
  private async sendNext(): Promise<Round> {
    let found: string[] = [];
    try {
      const round = await this.dataSource.transaction((manager) =>
        sendDue(manager, this.sender, 1, (names) => (found = names)),
      );
      return { ...round, nextInMs: 0 };
    } catch (error) {
      const [entry] = found;
      if (classifyStoreError(error) !== 'data' || entry === undefined) throw error;
      const problem = `Postgres cannot take its task: ${error instanceof Error ? error.message : String(error)}`;
      await disableEntry(this.dataSource.manager, entry, problem);
      return { found, sent: [], disabled: [{ entry, problem }], nextInMs: 0 };
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
