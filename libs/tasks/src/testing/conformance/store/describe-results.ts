import type { ForeignResult } from '../../../store/result-store.js';
import type { TestFramework } from '../test-framework.js';
import { message, newTask, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const BUSY = { type: 'E', message: 'busy', stack: null };
const PROGRESS = { state: 'PROGRESS', meta: { current: 1 } };

export function describeResults(framework: TestFramework, fixture: StoreFixture): void {
  const { describe, it, expect } = framework;
  describe('results', () => {
    it('are told of the tasks that there are', async () => {
      const [waiting, done] = [await fixture.send(), await fixture.claimed()];
      await fixture.ann.settle(settlement(done, { resultJson: '{"sum":3}' }));
      const results = await fixture.outbox.results([waiting, done, 'unknown']);
      expect(results.toSorted((a, b) => a.state.localeCompare(b.state))).toEqual([
        { taskId: waiting, state: 'PENDING', result: null, error: null, progress: null },
        { taskId: done, state: 'SUCCESS', result: { sum: 3 }, error: null, progress: null },
      ]);
    });

    it('have attempts, in their order', async () => {
      const id = await fixture.claimed();
      const next = { message: message(), dueInMs: 0 };
      await fixture.ann.settle(settlement(id, { state: 'RETRY', retries: 1, error: BUSY, next }));
      await fixture.bob.claim([request(id, { generation: 1, retries: 1 })]);
      await fixture.bob.settle(settlement(id, { attempt: 2, retries: 1 }));
      const [first, second, ...others] = await fixture.outbox.attempts(id);
      expect(first).toMatchObject({ number: 1, worker: 'ann@test', outcome: 'RETRY', error: BUSY, log: null });
      expect(second).toMatchObject({ number: 2, worker: 'bob@test', outcome: 'SUCCESS', error: null, log: null });
      expect([first?.startedAt === null, second?.finishedAt === null, others]).toEqual([false, false, []]);
    });

    it('can be emptied when there is an end, which stays', async () => {
      const id = await fixture.claimed();
      expect(await fixture.outbox.forget(id)).toEqual(false);
      const progress = JSON.stringify(PROGRESS);
      const log = [{ at: '2026-01-02T03:04:05.000Z', level: 'log' as const, message: 'secret' }];
      await fixture.ann.settle(settlement(id, { state: 'FAILURE', error: BUSY, progress, log }));
      expect(await fixture.outbox.forget(id)).toEqual(true);
      expect(await fixture.outbox.forget('unknown')).toEqual(false);
      const empty = { result: null, error: null, progress: null, envelope: { properties: {}, headers: {} } };
      const task = await fixture.under.task(id);
      expect(task).toMatchObject({ state: 'FAILURE', ...empty });
      expect(task?.body.length).toEqual(0);
      expect(await fixture.outbox.attempts(id)).toMatchObject([{ outcome: 'FAILURE', error: null, log: null }]);
    });
  });

  describeForeignResults(framework, fixture);
}

function describeForeignResults({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  function said(taskId: string, change: Partial<ForeignResult>): ForeignResult {
    return { taskId, state: 'SUCCESS', result: null, error: null, progress: null, ...change };
  }

  describe('what a worker that is not ours says', () => {
    it('is written of a task that was sent to it, whose message is done with then', async () => {
      const id = await fixture.send({ isElsewhere: true, countdownMs: 60_000 });
      await fixture.outbox.settleForeign([said(id, { state: 'STARTED', progress: PROGRESS })]);
      const started = await fixture.under.task(id);
      expect(started).toMatchObject({ state: 'STARTED', progress: PROGRESS, waitReason: null, dueAt: null });
      expect([started?.startedAt === null, started?.finishedAt]).toEqual([false, null]);
      expect(await fixture.waitingIds()).toEqual([]);
      await fixture.outbox.settleForeign([said(id, { state: 'RETRY', error: BUSY })]);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'RETRY', error: BUSY, finishedAt: null });
      await fixture.outbox.settleForeign([said(id, { result: [1, 2] })]);
      const done = await fixture.under.task(id);
      expect(done).toMatchObject({ state: 'SUCCESS', result: [1, 2], error: null, progress: PROGRESS });
      expect([done?.startedAt, done?.finishedAt === null]).toEqual([started?.startedAt, false]);
    });

    it('is nothing to a task that is ours, that we have claimed, or that has ended', async () => {
      const [ours, claimed, ended] = [newTask(), newTask({ isElsewhere: true }), newTask({ isElsewhere: true })];
      await fixture.outbox.enqueueMany([ours, claimed, ended]);
      await fixture.ann.claim([request(claimed.id)]);
      await fixture.outbox.settleForeign([said(ended.id, { state: 'FAILURE', error: BUSY })]);
      const results = [ours, { id: 'unknown' }, claimed, ended].map(({ id }) => said(id, {}));
      expect(await fixture.outbox.settleForeign(results)).toEqual(['unknown']);
      const states = await fixture.outbox.results([ours.id, claimed.id, ended.id]);
      expect(states.map(({ state }) => state).toSorted()).toEqual(['FAILURE', 'PENDING', 'STARTED']);
    });
  });
}
