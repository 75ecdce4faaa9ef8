import type { Delivery } from '../broker/broker.js';
import type { TaskRequest } from '../protocol/index.js';
import type { ClaimRequest, NewTask } from '../store/task-store.js';
import { continuedMessage } from './settlement.js';

/** A delivery that was decoded and waits for a free slot. */
export interface Waiting {
  delivery: Delivery;
  request: TaskRequest;
  /** On the monotonic clock. */
  deliveredAtMs: number;
}

/** Deliveries in the prefetch that are not claimed yet, in the order they came. */
export class Inbox {
  private waiting: Waiting[] = [];

  get size(): number {
    return this.waiting.length;
  }

  add(item: Waiting): void {
    this.waiting.push(item);
  }

  /** Puts items back to where they were taken from. */
  putBack(items: readonly Waiting[]): void {
    this.waiting.unshift(...items);
  }

  /**
   * Takes up to `limit` deliveries out that `gate` lets pass, each task once: a second delivery of the same task must
   * see what the first claim has done. Those whose channel is gone are dropped, for they are delivered again.
   */
  take(limit: number, gate: (item: Waiting) => boolean = () => true): Waiting[] {
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    const ids = new Set<string>();
    for (const item of this.waiting) {
      if (!item.delivery.alive) continue;
      if (taken.length < limit && !ids.has(item.request.id) && gate(item)) {
        ids.add(item.request.id);
        taken.push(item);
      } else {
        left.push(item);
      }
    }
    this.waiting = left;
    return taken;
  }

  /** Gives those back to the broker that were delivered before then; it delivers them anew. */
  releaseDelivered(beforeMs: number): void {
    const old = this.waiting.filter(({ deliveredAtMs }) => deliveredAtMs < beforeMs);
    this.waiting = this.waiting.filter(({ deliveredAtMs }) => deliveredAtMs >= beforeMs);
    for (const { delivery } of old) delivery.release();
  }

  clear(): void {
    this.waiting = [];
  }
}

/** What to ask the store for a delivery. A message without a generation is a foreign producer's, and has no row yet. */
export function claimRequest(
  { delivery, request }: Waiting,
  {
    retentionSeconds,
    ...known
  }: Pick<ClaimRequest, 'isRunning' | 'mayRunAgain' | 'rateLimit' | 'followUpsOf'> & Pick<NewTask, 'retentionSeconds'>,
): ClaimRequest {
  const { id: taskId, name, generation, retries, expires: expiresAt } = request;
  if (generation !== null) return { taskId, generation, retries, ...known, foreign: null };
  return {
    taskId,
    generation,
    retries,
    ...known,
    foreign: { name, queue: delivery.queue, message: continuedMessage(delivery), expiresAt, retentionSeconds },
  };
}
