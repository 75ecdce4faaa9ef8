import { rateIntervalUs, type TaskRateLimit } from '../../contract/rate-limit.js';

const SLOT_GOOD_FOR_MS = 10_000;
const DAY_MS = 86_400_000;

interface Bucket {
  intervalMs: number;
  nextSlotMs: number;
  startedUntilMs: number;
}

/** Who wants to start. */
export interface Starter {
  /** When its slot is; null: it has none. */
  slotMs: number | null;
}

/** The tables `rate_limit` and `rate_bucket`, and what a claim does with them: `store/postgres/rate-limits.ts`. */
export class RateSlots {
  private readonly rates = new Map<string, string | null>();
  /** By task name, then by key. */
  private readonly buckets = new Map<string, Map<string, Bucket>>();

  /** @returns true when slots had been given further apart than they are to be: those that wait take others */
  setRate(taskName: string, rate: string | null): boolean {
    this.rates.set(taskName, rate);
    const intervalMs = (rateIntervalUs(rate) ?? 0) / 1000;
    const buckets = [...(this.buckets.get(taskName)?.values() ?? [])];
    return buckets.some((bucket) => bucket.intervalMs > intervalMs) && this.buckets.delete(taskName);
  }

  /** @returns when the task may start; null: at once */
  take({ taskName, key, defaultIntervalUs }: TaskRateLimit, { slotMs }: Starter, nowMs: number): Date | null {
    const rate = this.rates.get(taskName);
    const intervalUs = rate === undefined ? defaultIntervalUs : rateIntervalUs(rate);
    if (intervalUs === null) return null;
    const stepMs = intervalUs / 1000;
    const bucket = this.bucket(taskName, key, stepMs, nowMs);
    const isLate = slotMs !== null && slotMs <= nowMs - SLOT_GOOD_FOR_MS;
    const isBack = slotMs !== null && (!isLate || bucket.startedUntilMs <= nowMs + SLOT_GOOD_FOR_MS);
    const isInPlaceOfNew = isLate && bucket.nextSlotMs <= nowMs;
    const freeMs = Math.max(bucket.nextSlotMs, nowMs);
    bucket.intervalMs = Math.max(stepMs, bucket.nextSlotMs > nowMs ? bucket.intervalMs : 0);
    bucket.nextSlotMs = freeMs + (!isBack || isInPlaceOfNew ? stepMs : 0);
    bucket.startedUntilMs = Math.max(bucket.startedUntilMs, nowMs) + (isBack ? stepMs : 0);
    return isBack || freeMs <= nowMs ? null : new Date(freeMs);
  }

  /** Drops those that have been full for a day. */
  forgetOld(nowMs: number): void {
    for (const buckets of this.buckets.values()) {
      for (const [key, { nextSlotMs, startedUntilMs }] of buckets) {
        if (Math.max(nextSlotMs, startedUntilMs) < nowMs - DAY_MS) buckets.delete(key);
      }
    }
  }

  private bucket(taskName: string, key: string, intervalMs: number, nowMs: number): Bucket {
    const buckets = this.buckets.get(taskName) ?? new Map<string, Bucket>();
    this.buckets.set(taskName, buckets);
    const bucket = buckets.get(key) ?? { intervalMs, nextSlotMs: nowMs, startedUntilMs: nowMs };
    buckets.set(key, bucket);
    return bucket;
  }
}
