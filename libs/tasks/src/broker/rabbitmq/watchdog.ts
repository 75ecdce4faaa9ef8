/**
 * What a look at a consumer shows. `well`: it gets what there is. `starving`: it is consuming, and nothing comes though
 * there is something. `not consuming`: there is a connection, and no more than that. `away`: there is none.
 */
export type Sight = 'well' | 'starving' | 'not consuming' | 'away';

/**
 * What a queue shows of a consumer that has room and gets nothing from it.
 *
 * @param takesTurns - of several consumers the queue serves one (`x-single-active-consumer`), and the others wait
 */
export function sightOf(
  { messageCount, consumerCount }: { messageCount: number; consumerCount: number },
  takesTurns: boolean,
): Sight {
  if (consumerCount === 0) return 'starving';
  return messageCount > 0 && !takesTurns ? 'starving' : 'well';
}

/** What to make anew, each more than the one before. */
const REMEDIES = ['channel', 'connection', 'process'] as const;
/** One of {@link REMEDIES}. */
export type Remedy = (typeof REMEDIES)[number];

/** Starving shows soon: one look may fall between two deliveries, but hardly two. */
const STARVING_LOOKS = 2;

/**
 * Decides what to do about a consumer that is connected and does not work: a new channel, when that does not help a new
 * connection, when that does not help either a new process. Then all over again, for who has no use for the last one.
 *
 * It counts looks, not time: a process that was frozen has missed the looks, and has nothing to blame anybody for.
 */
export class Watchdog {
  private badLooks = 0;
  private tried = 0;

  /** @param patienceLooks - how many looks a consumer has to begin to consume, and to recover after each remedy */
  constructor(private readonly patienceLooks: number) {}

  /** True from the first remedy until the consumer is seen to be well. */
  get suspicious(): boolean {
    return this.tried > 0;
  }

  /** @returns what to make anew now, or null */
  look(sight: Sight): Remedy | null {
    // A broker that is away is waited for, however long.
    if (sight === 'away') return null;
    if (sight === 'well') {
      this.badLooks = 0;
      this.tried = 0;
      return null;
    }
    this.badLooks += 1;
    const isFirst = this.tried === 0 && sight === 'starving';
    if (this.badLooks < (isFirst ? STARVING_LOOKS : this.patienceLooks)) return null;
    this.badLooks = 0;
    const remedy = REMEDIES[this.tried % REMEDIES.length] as Remedy;
    this.tried += 1;
    return remedy;
  }
}
