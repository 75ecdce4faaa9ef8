import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import type { OutboxPublisher } from '../../outbox/outbox-publisher.js';
import type { OutboxEntity } from '../../store/entities/outbox.entity.js';
import type { OutboxMessage } from '../../store/task-store.js';
import type { TaskWorker } from '../../worker/task-worker.js';
import type { MemoryTaskStore } from '../memory-store/memory-task-store.js';
import type { VirtualClock } from './virtual-clock.js';

const BATCH = 500;
/** Long enough for what it takes to publish them, which is nothing: the clock stands still. */
const LEASE_MS = 1000;
/** More rounds than any test needs that comes to an end. */
const MOST_ROUNDS = 10_000;

/** What it makes steps with. */
export interface StepperParts {
  clock: VirtualClock;
  store: MemoryTaskStore;
  publisher: OutboxPublisher;
  worker: TaskWorker;
}

/**
 * Does by hand what the relay does by itself in production: publishes what is due, and waits until the worker is done
 * with it. Between two steps nothing runs, and time passes only when it is told to.
 */
export class Stepper {
  private readonly inside = new AsyncLocalStorage<true>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: StepperParts) {}

  /** True for whoever is run by a step: a handler, and all that it calls. */
  get isInside(): boolean {
    return this.inside.getStore() === true;
  }

  /** Runs everything that is due until then, each thing at its time; the clock stays at the time of the last one. */
  runUntil(timeMs: number): Promise<void> {
    return this.inTurn(async () => {
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        const due = await this.parts.store.outbox.takeDue(BATCH, LEASE_MS);
        if (due.length > 0) {
          await this.publish(due);
        } else {
          const nextMs = this.nextDueMs();
          if (nextMs > timeMs) return;
          this.moveTo(nextMs);
        }
      }
      throw new Error(`There is still something due after ${MOST_ROUNDS} rounds: ${this.waitingNames()}.`);
    });
  }

  /** Runs one thing alone, due or not. @param send - sends the task, and says which */
  runOne(send: () => Promise<string>): Promise<string> {
    return this.inTurn(async () => {
      const taskId = await send();
      await this.publish(
        this.parts.store
          .messages()
          .filter((row) => row.taskId === taskId)
          .map(outboxMessage),
      );
      return taskId;
    });
  }

  /** Never back. */
  moveTo(timeMs: number): void {
    const { clock, store } = this.parts;
    const byMs = Math.max(0, timeMs - clock.now());
    store.prolongLeases(byMs);
    clock.moveOn(byMs);
  }

  private async publish(messages: OutboxMessage[]): Promise<void> {
    await Promise.all(messages.map((message) => this.parts.publisher.publish(message)));
    // The broker delivers in a microtask of its own.
    await turn();
    await this.parts.worker.idle();
  }

  /** When the next message is due; those without a handler here wait for another app. */
  private nextDueMs(): number {
    const { store } = this.parts;
    const waiting = store.messages().filter(({ taskId }) => store.task(taskId ?? '')?.waitReason !== 'no_handler');
    return Math.min(Infinity, ...waiting.map(({ dueAt }) => dueAt.getTime()));
  }

  private waitingNames(): string {
    const { store } = this.parts;
    const names = store.messages().map(({ taskId }) => store.task(taskId ?? '')?.name ?? 'a letter');
    return [...new Set(names)].join(', ');
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(() => this.inside.run(true, work));
    this.last = result.catch(() => undefined);
    return result;
  }
}

function outboxMessage({ id: outboxId, taskId, generation, exchange, routingKey, envelope, body }: OutboxEntity) {
  return { outboxId, taskId, generation, exchange, routingKey, envelope, body };
}
