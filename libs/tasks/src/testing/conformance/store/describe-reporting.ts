import type { LogLine } from '../../../store/task-store.js';
import type { TestFramework } from '../test-framework.js';
import { message, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const HALF = { state: 'PROGRESS', meta: { current: 1, total: 2 } };
const LINES: LogLine[] = [{ at: '2026-01-02T03:04:05.000Z', level: 'warn', message: 'careful' }];
const SNOOZE = { state: 'SNOOZE', next: { message: message(), dueInMs: 0 } } as const;

export function describeReporting({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  const half = (taskId: string, attempt = 1) => ({ taskId, attempt, progress: JSON.stringify(HALF) });
  const progressOf = async (id: string): Promise<unknown> => (await fixture.under.task(id))?.progress;

  describe('the progress of a run', () => {
    it('is written, if the claim is still held', async () => {
      const id = await fixture.claimed();
      const written = [fixture.ann.writeProgress(half(id)), fixture.bob.writeProgress(half(id))];
      expect(await Promise.all(written)).toEqual([true, false]);
      expect(await fixture.ann.writeProgress({ ...half(id, 2), progress: '{}' })).toEqual(false);
      expect(await progressOf(id)).toEqual(HALF);
    });

    it('is not written after the settle', async () => {
      const id = await fixture.claimed();
      await fixture.ann.settle(settlement(id));
      expect(await fixture.ann.writeProgress(half(id))).toEqual(false);
      expect(await progressOf(id)).toEqual(null);
    });

    it('stays as it is when the settle has nothing newer, and is replaced when it has', async () => {
      const [kept, replaced] = [await fixture.claimed(), await fixture.claimed()];
      await fixture.ann.writeProgress(half(kept));
      await fixture.ann.writeProgress({ ...half(replaced), progress: '{"state":"OLD","meta":{}}' });
      await fixture.ann.settle(settlement(kept));
      await fixture.ann.settle(settlement(replaced, { progress: JSON.stringify(HALF) }));
      expect([await progressOf(kept), await progressOf(replaced)]).toEqual([HALF, HALF]);
    });

    it('goes when another worker takes the task over from one that has died', async () => {
      const id = await fixture.claimed();
      await fixture.ann.writeProgress(half(id));
      await fixture.ann.renewLease(0);
      expect(await fixture.bob.claim([request(id)])).toMatchObject([{ verdict: 'run', attempt: 2 }]);
      expect(await fixture.ann.writeProgress(half(id))).toEqual(false);
      expect(await progressOf(id)).toEqual(null);
    });
  });

  describe('the log of a run', () => {
    it('is kept, also of one that was put off', async () => {
      const id = await fixture.claimed();
      await fixture.ann.settle(settlement(id, { ...SNOOZE, log: LINES }));
      const attempt = { number: 1, outcome: 'SNOOZE', log: LINES, pointOfNoReturnAt: null };
      expect(await fixture.under.attempts(id)).toMatchObject([attempt]);
    });

    it('is added to an attempt that is there already', async () => {
      const id = await fixture.claimed();
      await fixture.ann.passPointOfNoReturn({ taskId: id, attempt: 1 });
      await fixture.ann.settle(settlement(id, { ...SNOOZE, log: LINES }));
      const [attempt, ...others] = await fixture.under.attempts(id);
      expect(attempt).toMatchObject({ number: 1, outcome: 'SNOOZE', log: LINES });
      expect([attempt?.pointOfNoReturnAt === null, others]).toEqual([false, []]);
    });
  });

  describe('an outcome', () => {
    for (const [outcome, state] of [
      ['REVOKED', 'REVOKED'],
      ['IGNORED', 'SUCCESS'],
    ] as const) {
      it(`may be ${outcome}`, async () => {
        const id = await fixture.claimed();
        await fixture.ann.settle(settlement(id, { state: outcome }));
        expect(await fixture.under.task(id)).toMatchObject({ state, workerId: null, result: null });
        expect(await fixture.under.attempts(id)).toMatchObject([{ outcome }]);
      });
    }
  });
}
