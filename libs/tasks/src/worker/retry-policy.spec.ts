import { describe, expect, it } from '@jest/globals';
import type { RetryPolicy } from '../contract/task-options.js';
import { hasRetriesLeft, retryCountdownSeconds } from './retry-policy.js';

const RETRIES = [0, 1, 2, 3, 5, 9, 10, 20, 64, 1023, 1024, 2000];

function policy(change: Partial<RetryPolicy> = {}): RetryPolicy {
  return { maxRetries: 3, retryBackoff: 1, retryBackoffMax: 600, retryJitter: false, ...change };
}

function neverDrawn(): number {
  throw new Error('Nothing is drawn without jitter.');
}

describe('retryCountdownSeconds', () => {
  // What Celery 5.2.6 gives: [get_exponential_backoff_interval(factor, r, maximum) for r in RETRIES].
  it.each<[factor: number, maximum: number, countdowns: number[]]>([
    [1, 600, [1, 2, 4, 8, 32, 512, 600, 600, 600, 600, 600, 600]],
    [2, 600, [2, 4, 8, 16, 64, 600, 600, 600, 600, 600, 600, 600]],
    [5, 3600, [5, 10, 20, 40, 160, 2560, 3600, 3600, 3600, 3600, 3600, 3600]],
    [7, 100, [7, 14, 28, 56, 100, 100, 100, 100, 100, 100, 100, 100]],
    [10, 5, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]],
    [1, 1, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    [3, 0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    [0, 600, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    [-1, 600, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])('is what Celery computes with factor %d and maximum %d', (retryBackoff, retryBackoffMax, countdowns) => {
    const given = policy({ retryBackoff, retryBackoffMax });
    expect(RETRIES.map((retries) => retryCountdownSeconds(given, retries, neverDrawn))).toEqual(countdowns);
  });

  it.each([0.5, 0.25])('keeps the fraction of the factor %d, as Celery does', (retryBackoff) => {
    const given = policy({ retryBackoff });
    expect([0, 1, 2, 3].map((retries) => retryCountdownSeconds(given, retries, neverDrawn))).toEqual(
      [1, 2, 4, 8].map((power) => retryBackoff * power),
    );
  });

  it.each([
    { factor: 1, retries: 0, countdown: 1 },
    { factor: 1, retries: 3, countdown: 8 },
    { factor: 5, retries: 4, countdown: 80 },
    { factor: 1, retries: 30, countdown: 600 },
    { factor: 0, retries: 3, countdown: 0 },
  ])('draws a whole number from 0 to $countdown, both included', ({ factor, retries, countdown }) => {
    const given = policy({ retryBackoff: factor, retryJitter: true });
    const draw = (random: number): number => retryCountdownSeconds(given, retries, () => random);
    expect(draw(0)).toBe(0);
    expect(draw(0.999999)).toBe(countdown);
    for (let step = 0; step < 1000; step += 1) {
      const drawn = draw(step / 1000);
      expect(Number.isInteger(drawn) && drawn >= 0 && drawn <= countdown).toBe(true);
    }
  });

  it('draws each number as often as the others', () => {
    const given = policy({ retryJitter: true });
    const drawn = Array.from({ length: 900 }, (_, step) => retryCountdownSeconds(given, 3, () => step / 900));
    const counts = Array.from({ length: 9 }, (_, seconds) => drawn.filter((value) => value === seconds).length);
    expect(counts).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 100]);
  });
});

describe('hasRetriesLeft', () => {
  it.each<[maxRetries: number | null, retries: number, expected: boolean]>([
    [3, 0, true],
    [3, 2, true],
    [3, 3, false],
    [3, 4, false],
    [0, 0, false],
    [null, 0, true],
    [null, 1_000_000, true],
  ])('with maxRetries %p after %d retries: %p', (maxRetries, retries, expected) => {
    expect(hasRetriesLeft(policy({ maxRetries }), retries)).toBe(expected);
  });
});
