import { isEndState, type EndState, type TaskState } from '../contract/task-state.js';
import type { ResultStore, StoredResult } from '../store/result-store.js';
import { isStoreAway } from '../store/store-errors.js';
import { LONGEST_TIMER_MS } from '../timers/longest-timer.js';
import { Wakeup } from '../timers/wakeup.js';
import { ResultsClosedError, ResultTimeoutError, UnknownTaskError } from './result-errors.js';

const POLL_MS = 250;

/** What has become of a task that has ended. */
export type EndedResult = StoredResult & { state: EndState };

interface Waiter {
  taskId: string;
  timeoutMs: number;
  /** As it was at the last look. */
  state: TaskState | null;
  /** Nobody is told that it takes too long before the store has been asked once. */
  wasLookedAt: boolean;
  isOverdue: boolean;
  timer: NodeJS.Timeout | undefined;
  resolve(result: EndedResult): void;
  reject(error: unknown): void;
}

/**
 * Waits for the ends of tasks. All who wait share one query by primary key, a few times a second; while nobody does,
 * nothing is asked.
 */
export class ResultWatch {
  private readonly waiters = new Set<Waiter>();
  private readonly pause = new Wakeup();
  private looking: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly store: Pick<ResultStore, 'results'>) {}

  /**
   * @param timeoutMs - how long to wait at most; undefined: for ever
   * @throws {@link UnknownTaskError}, {@link ResultTimeoutError}, {@link ResultsClosedError}; RangeError when `timeoutMs`
   *   is no time
   */
  ended(taskId: string, timeoutMs: number | undefined): Promise<EndedResult> {
    if (this.isClosed) return Promise.reject(new ResultsClosedError(taskId));
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
      return Promise.reject(new RangeError(`get() was given timeoutMs=${timeoutMs}: expected 0 or more.`));
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        taskId,
        timeoutMs: timeoutMs ?? Infinity,
        state: null,
        wasLookedAt: false,
        isOverdue: false,
        timer: undefined,
        resolve,
        reject,
      };
      if (timeoutMs !== undefined) {
        waiter.timer = setTimeout(() => this.timeIsUp(waiter), Math.min(timeoutMs, LONGEST_TIMER_MS));
      }
      this.waiters.add(waiter);
      // In a microtask, so that those who begin to wait in the same turn share the first query.
      this.looking ??= Promise.resolve().then(() => this.lookWhileWanted());
    });
  }

  /** Ends all waits. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const waiter of this.waiters) this.leave(waiter).reject(new ResultsClosedError(waiter.taskId));
    this.pause.wake();
    await this.looking;
  }

  private async lookWhileWanted(): Promise<void> {
    while (this.waiters.size > 0) {
      await this.look([...this.waiters]);
      if (this.waiters.size > 0) await this.pause.wait(POLL_MS);
    }
    this.looking = undefined;
  }

  private async look(waiters: Waiter[]): Promise<void> {
    try {
      const results = await this.store.results([...new Set(waiters.map(({ taskId }) => taskId))]);
      const byId = new Map(results.map((result) => [result.taskId, result]));
      for (const waiter of waiters) this.tell(waiter, byId.get(waiter.taskId));
    } catch (error) {
      if (!isStoreAway(error)) for (const waiter of waiters) this.leave(waiter).reject(error);
    }
    for (const waiter of waiters) {
      waiter.wasLookedAt = true;
      if (waiter.isOverdue) this.giveUp(waiter);
    }
  }

  private timeIsUp(waiter: Waiter): void {
    waiter.isOverdue = true;
    if (waiter.wasLookedAt) this.giveUp(waiter);
  }

  private giveUp(waiter: Waiter): void {
    this.leave(waiter).reject(new ResultTimeoutError(waiter.taskId, waiter.timeoutMs, waiter.state));
  }

  private tell(waiter: Waiter, result: StoredResult | undefined): void {
    if (result === undefined) return this.leave(waiter).reject(new UnknownTaskError(waiter.taskId));
    waiter.state = result.state;
    if (isEnded(result)) this.leave(waiter).resolve(result);
  }

  private leave(waiter: Waiter): Waiter {
    clearTimeout(waiter.timer);
    this.waiters.delete(waiter);
    return waiter;
  }
}

function isEnded(result: StoredResult): result is EndedResult {
  return isEndState(result.state);
}
