import type { OutboxStore } from '../store/task-store.js';
import { Rounds, type RoundsOptions } from './rounds.js';

/** Few enough that the statement is short, however many have to go. */
const BATCH = 1000;

/**
 * Forgets tasks that have ended, when the time is over for which their contract keeps them; and keys of unique tasks
 * that have run out.
 */
export class Retention extends Rounds {
  protected readonly trouble = 'Old tasks cannot be forgotten';

  constructor(
    private readonly store: OutboxStore,
    options: RoundsOptions,
  ) {
    super(options);
  }

  /** @returns how many tasks were forgotten */
  async runOnce(): Promise<number> {
    await allInBatches((limit) => this.store.forgetKeys(limit));
    return allInBatches((limit) => this.store.forgetEnded(limit));
  }
}

async function allInBatches(forget: (limit: number) => Promise<number>): Promise<number> {
  for (let total = 0; ;) {
    const count = await forget(BATCH);
    total += count;
    if (count < BATCH) return total;
  }
}
