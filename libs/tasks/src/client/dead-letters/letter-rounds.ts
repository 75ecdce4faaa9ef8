import { MOST_BROWSED, type Broker, type Delivery } from '../../broker/broker.js';
import { letterId } from './dead-letter.js';

/** So many letters are held and handled at a time. */
const BATCH = 500;
/** So many bytes of letters are held at a time. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** Which dead letters: those of these ids, or all that are there at the beginning. */
export type LetterChoice = readonly string[] | 'all';

/** What has become of a dead letter. */
export interface HandledLetter<Outcome> {
  id: string;
  /** Null where its message does not say it. */
  taskId: string | null;
  outcome: Outcome;
}

/** What is to be done, and with which letters. */
export interface LetterTreatment<Outcome> {
  /** The queue that holds the letters. */
  queue: string;
  choice: LetterChoice;
  /** @returns what becomes of each, in their order */
  handle(letters: readonly Delivery[]): Promise<Outcome[]>;
  /** Whether a letter with this outcome is done with: it is acknowledged. The others stay. */
  isDone(outcome: Outcome): boolean;
  /** Told now and then how many are handled, of how many. */
  onProgress?(handled: number, total: number): void;
}

/**
 * Goes through the dead letters of a queue, round by round; in each it holds some of them for just so long as it takes
 * to handle them. What stays is at the front of the queue again in the next round, and passed over there. Letters that
 * come meanwhile are left alone: they may be those of tasks that have just been sent back.
 */
export class LetterRounds<Outcome> {
  private readonly handled: Array<HandledLetter<Outcome>> = [];
  private readonly stayed = new Set<string>();
  /** Null: all of them. */
  private readonly wanted: ReadonlySet<string> | null;
  /** How many letters have to be passed over. */
  private inFront = 0;

  constructor(
    private readonly broker: Broker,
    private readonly treatment: LetterTreatment<Outcome>,
  ) {
    this.wanted = treatment.choice === 'all' ? null : new Set(treatment.choice);
  }

  /** @param total - how many letters there are to handle, as far as is known */
  async run(total: number): Promise<Array<HandledLetter<Outcome>>> {
    const most = this.wanted === null ? total : Infinity;
    for (let isMore = most > 0; isMore && this.handled.length < most;) {
      isMore = await this.round(Math.min(BATCH, most - this.handled.length));
      this.treatment.onProgress?.(this.handled.length, total);
    }
    return this.handled;
  }

  /** @returns false when the end of the queue has been seen */
  private async round(most: number): Promise<boolean> {
    const { queue } = this.treatment;
    const letters: Delivery[] = [];
    let bytes = 0;
    let passedOver = 0;
    const wantsMore = (): boolean => letters.length < most && bytes < MOST_BYTES;
    const onDelivery = (delivery: Delivery): boolean => {
      const id = letterId(delivery.message);
      if (this.stayed.has(id)) passedOver += 1;
      else if (this.wanted?.has(id) ?? true) {
        letters.push(delivery);
        bytes += delivery.message.body.length;
      }
      return wantsMore();
    };
    const limit = this.wanted === null ? this.inFront + most : MOST_BROWSED;
    const browser = await this.broker.browse({ queue, limit, onDelivery });
    try {
      this.inFront = passedOver + (await this.treat(letters));
    } finally {
      await browser.close();
    }
    return !wantsMore();
  }

  /** @returns how many of them stay */
  private async treat(letters: readonly Delivery[]): Promise<number> {
    if (letters.length === 0) return 0;
    const outcomes = await this.treatment.handle(letters);
    let staying = 0;
    letters.forEach((letter, index) => {
      const id = letterId(letter.message);
      const { id: taskId } = letter.message.headers;
      const outcome = outcomes[index] as Outcome;
      this.handled.push({ id, taskId: typeof taskId === 'string' ? taskId : null, outcome });
      if (this.treatment.isDone(outcome)) return letter.ack();
      this.stayed.add(id);
      staying += 1;
    });
    return staying;
  }
}
