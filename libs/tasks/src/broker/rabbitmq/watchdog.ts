/**
 * What a look at a consumer shows. `well`: it gets what there is. `unwell`: there is a connection, and it is not
 * consuming, or nothing comes though there is something. `away`: there is no connection.
 */
export type Sight = 'well' | 'unwell' | 'away';

/** What to make anew, each more than the one before. */
const REMEDIES = ['channel', 'connection', 'process'] as const;
export type Remedy = (typeof REMEDIES)[number];

/** One look may fall between two deliveries. */
const LOOKS_BEFORE_FIRST = 2;

/**
 * Decides what to do about a consumer that is connected and does not work: a new channel, when that does not help a new
 * connection, when that does not help either a new process. Then all over again, for who has no use for the last one.
 *
 * It counts looks, not time: a process that was frozen has missed the looks, and has nothing to blame anybody for.
 */
export class Watchdog {
  private unwellLooks = 0;
  private tried = 0;

  /** @param looksBetween - how many looks in a row each remedy but the first has to wait for the one before to help */
  constructor(private readonly looksBetween: number) {}

  /** True from the first remedy until the consumer is seen to be well. */
  get suspicious(): boolean {
    return this.tried > 0;
  }

  /** @returns what to make anew now, or null */
  look(sight: Sight): Remedy | null {
    // A broker that is away is waited for, however long; whether a new connection has helped is seen when it is there.
    if (sight !== 'unwell') this.unwellLooks = 0;
    if (sight === 'well') this.tried = 0;
    if (sight !== 'unwell') return null;
    this.unwellLooks += 1;
    if (this.unwellLooks < (this.tried === 0 ? LOOKS_BEFORE_FIRST : this.looksBetween)) return null;
    this.unwellLooks = 0;
    const remedy = REMEDIES[this.tried % REMEDIES.length] as Remedy;
    this.tried += 1;
    return remedy;
  }
}
