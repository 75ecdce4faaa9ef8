import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS, FAULTS, planFaults } from './plan.js';

const FIVE_MINUTES = { durationMs: 300_000, everyMs: 4000, workers: 3, webs: 2 };

describe('planFaults', () => {
  it('gives the same plan for the same seed, and another for another', () => {
    const plan = planFaults({ ...FIVE_MINUTES, seed: 7 });
    expect(planFaults({ ...FIVE_MINUTES, seed: 7 })).toEqual(plan);
    expect(planFaults({ ...FIVE_MINUTES, seed: 8 })).not.toEqual(plan);
  });

  it.each([1, 2, 3])('has every kind in five minutes, and ends within them (seed %d)', (seed) => {
    const plan = planFaults({ ...FIVE_MINUTES, seed });
    expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    for (const { atMs, lastsMs } of plan) expect(atMs + lastsMs).toBeLessThanOrEqual(FIVE_MINUTES.durationMs);
  });

  it.each([1, 2, 3])('breaks nothing that is broken still (seed %d)', (seed) => {
    const plan = planFaults({ ...FIVE_MINUTES, seed });
    const ends = new Map<string, number>();
    for (const { kind, atMs, lastsMs, victim } of plan) {
      const target = `${FAULTS[kind].target} ${victim}`;
      expect(ends.get(target) ?? 0).toBeLessThanOrEqual(atMs);
      ends.set(target, atMs + lastsMs);
    }
  });

  it('keeps to the kinds, the workers and the web processes that it is given', () => {
    const plan = planFaults({ ...FIVE_MINUTES, seed: 1, workers: 1, webs: 1, kinds: ['worker-kill', 'smtp-slow'] });
    expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(['worker-kill', 'smtp-slow']));
    expect(plan.every(({ victim }) => victim === 0)).toBe(true);
  });
});
