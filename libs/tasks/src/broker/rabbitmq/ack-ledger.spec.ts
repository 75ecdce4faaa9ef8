import { describe, expect, it } from '@jest/globals';
import { AckLedger, type AckPlan } from './ack-ledger.js';

function ledgerOf(delivered: number[], settled: number[]): AckLedger {
  const ledger = new AckLedger();
  for (const tag of delivered) ledger.delivered(tag);
  for (const tag of settled) ledger.settle(tag);
  return ledger;
}

describe('AckLedger', () => {
  it.each<[delivered: number[], settled: number[], plan: AckPlan]>([
    [[], [], { upTo: null, singly: [] }],
    [[1, 2, 3], [], { upTo: null, singly: [] }],
    [[1], [1], { upTo: 1, singly: [] }],
    [[1, 2, 3], [1, 2, 3], { upTo: 3, singly: [] }],
    [[1, 2, 3], [3, 2, 1], { upTo: 3, singly: [] }],
    [[1, 2, 3], [1], { upTo: 1, singly: [] }],
    [[1, 2, 3], [2], { upTo: null, singly: [2] }],
    [[1, 2, 3], [3, 2], { upTo: null, singly: [3, 2] }],
    [[1, 2, 3, 4, 5], [1, 2, 4], { upTo: 2, singly: [4] }],
    [[1, 2, 3, 4, 5], [5, 1, 3], { upTo: 1, singly: [5, 3] }],
    [[7, 9, 12], [7, 9], { upTo: 9, singly: [] }],
    [[1, 2], [1, 1], { upTo: 1, singly: [] }],
    [[1, 2], [3], { upTo: null, singly: [] }],
  ])('delivered %p, settled %p', (delivered, settled, plan) => {
    expect(ledgerOf(delivered, settled).take()).toEqual(plan);
  });

  it('acknowledges each tag once', () => {
    const ledger = ledgerOf([1, 2, 3], [1, 3]);
    ledger.take();
    expect(ledger.take()).toEqual({ upTo: null, singly: [] });
    ledger.settle(3);
    expect(ledger.take()).toEqual({ upTo: null, singly: [] });
  });

  it('goes on from the lowest tag that is still open', () => {
    const ledger = ledgerOf([1, 2, 3], [2]);
    ledger.take();
    ledger.delivered(4);
    ledger.settle(1);
    expect(ledger.take()).toEqual({ upTo: 1, singly: [] });
    ledger.settle(4);
    expect(ledger.take()).toEqual({ upTo: null, singly: [4] });
    ledger.settle(3);
    expect(ledger.take()).toEqual({ upTo: 3, singly: [] });
  });

  it.each([11, 12, 13, 14, 15])('never acknowledges what is not settled, and in the end all (seed %d)', (seed) => {
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const ledger = new AckLedger();
    const open = new Set<number>();
    const settled = new Set<number>();
    let lastTag = 0;

    /** What the broker makes of the plan: `upTo` takes every tag up to it that is still open. */
    const acknowledge = ({ upTo, singly }: AckPlan): void => {
      const covered = [...open].filter((tag) => upTo !== null && tag <= upTo);
      for (const tag of [...covered, ...singly]) {
        expect(open.delete(tag)).toBe(true);
        expect(settled.delete(tag)).toBe(true);
      }
      expect(settled.size).toBe(0);
    };

    for (let step = 0; step < 3000; step += 1) {
      const dice = random(10);
      if (dice < 4) {
        lastTag += 1;
        ledger.delivered(lastTag);
        open.add(lastTag);
      } else if (dice < 9 && open.size > 0) {
        const tag = [...open][random(open.size)] ?? 0;
        ledger.settle(tag);
        settled.add(tag);
      } else {
        acknowledge(ledger.take());
      }
    }
    for (const tag of open) {
      ledger.settle(tag);
      settled.add(tag);
    }
    acknowledge(ledger.take());
    expect(open.size).toBe(0);
  });
});
