import type { Delivery } from '../broker/broker.js';
import type { ClaimAnswer, WaitReason, WorkerStore } from '../store/task-store.js';
import { continuedMessage } from './settlement.js';

const FIRST_PARK_MS = 30_000;
const LONGEST_PARK_MS = 600_000;

/** Moves deliveries from their queue back to the outbox, where they wait for their time. */
export class HandBacks {
  constructor(private readonly store: WorkerStore) {}

  /** Gives up a claim of this worker: the task is as it was before it. */
  giveUp(delivery: Delivery, claim: ClaimAnswer, dueInMs: number, reason: WaitReason | null): Promise<void> {
    return this.handBack(delivery, claim, claim.attempt, dueInMs, reason);
  }

  /** Gives up a claim of a task that no handler here is for: it comes again after a longer pause each time. */
  park(delivery: Delivery, claim: ClaimAnswer): Promise<void> {
    const dueInMs = Math.min(FIRST_PARK_MS * 2 ** claim.generation, LONGEST_PARK_MS);
    return this.giveUp(delivery, claim, dueInMs, 'no_handler');
  }

  /** Puts off the message alone: whoever runs the task goes on with it. */
  putOff(delivery: Delivery, claim: ClaimAnswer, dueInMs: number): Promise<void> {
    return this.handBack(delivery, claim, null, dueInMs, 'lease');
  }

  private async handBack(
    delivery: Delivery,
    { taskId, generation }: ClaimAnswer,
    attempt: number | null,
    dueInMs: number,
    waitReason: WaitReason | null,
  ): Promise<void> {
    const message = continuedMessage(delivery);
    try {
      await this.store.handBack({ taskId, generation, attempt, message, dueInMs, waitReason });
    } catch (error) {
      delivery.release();
      throw error;
    }
    delivery.ack();
  }
}
