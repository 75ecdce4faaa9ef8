import type { EntityManager } from 'typeorm';
import type { TestFramework } from '../test-framework.js';
import { message, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const LATER = { message: message({ retries: 1 }), dueInMs: 60_000 };
const BUSY = { type: 'E', message: 'busy', stack: null };

export function describeSettling(framework: TestFramework, fixture: StoreFixture): void {
  const { describe, it, expect } = framework;
  describe('settling', () => {
    it('writes outcome, result and attempt', async () => {
      const id = await fixture.claimed();
      const result = { accepted: ['ann@example.com'] };
      expect(await fixture.ann.settle(settlement(id, { resultJson: JSON.stringify(result) }))).toEqual(true);
      const task = await fixture.under.task(id);
      expect(task).toMatchObject({ state: 'SUCCESS', result, workerId: null, waitReason: null, dueAt: null });
      const [attempt, ...others] = await fixture.under.attempts(id);
      expect(attempt).toMatchObject({ number: 1, workerName: 'ann@test', outcome: 'SUCCESS', error: null });
      expect([task?.finishedAt, attempt?.finishedAt].includes(null)).toEqual(false);
      expect(others).toEqual([]);
    });

    it('writes a failure, and sends its dead letter', async () => {
      const id = await fixture.claimed();
      const next = { message: message({ reason: 'broken' }), dueInMs: 0 };
      await fixture.ann.settle(settlement(id, { state: 'FAILURE', error: BUSY, next }));
      expect(await fixture.under.task(id)).toMatchObject({ state: 'FAILURE', error: BUSY, generation: 0 });
      expect(await fixture.under.attempts(id)).toMatchObject([{ outcome: 'FAILURE', error: BUSY }]);
      const letter = { ...next.message, taskId: null, generation: null };
      expect(await fixture.outbox.takeDue(10, 1000)).toMatchObject([letter]);
    });

    it('continues a retry under the next generation, not before its time', async () => {
      const id = await fixture.claimed();
      await fixture.ann.settle(settlement(id, { state: 'RETRY', retries: 1, error: BUSY, next: LATER }));
      const task = await fixture.under.task(id);
      expect(task).toMatchObject({ state: 'RETRY', retries: 1, generation: 1, waitReason: 'scheduled', error: BUSY });
      expect(task).toMatchObject({ finishedAt: null, workerId: null });
      const [waiting] = await fixture.under.messages();
      expect(waiting).toMatchObject({ ...LATER.message, taskId: id, generation: 1 });
      expect(waiting?.dueAt).toEqual(task?.dueAt);
      expect(await fixture.dueIds()).toEqual([]);
    });

    it('changes nothing for a worker whose task was taken over', async () => {
      const id = await fixture.claimed();
      await fixture.ann.renewLease(0);
      await fixture.bob.claim([request(id)]);
      expect(await fixture.ann.settle(settlement(id))).toEqual(false);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'STARTED', attempt: 2 });
      expect(await fixture.bob.settle(settlement(id, { attempt: 2 }))).toEqual(true);
      expect(await fixture.bob.settle(settlement(id, { attempt: 2 }))).toEqual(false);
    });
  });

  describeSnoozing(framework, fixture);
  describeHandlerRows(framework, fixture);
}

function describeSnoozing({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('snoozing', () => {
    it('puts a task off as if it had not been run', async () => {
      const id = await fixture.claimed();
      expect(await fixture.ann.settle(settlement(id, { state: 'SNOOZE', next: LATER }))).toEqual(true);
      const row = { state: 'PENDING', retries: 0, generation: 1, waitReason: 'snoozed', error: null, workerId: null };
      expect(await fixture.under.task(id)).toMatchObject(row);
      expect(await fixture.under.attempts(id)).toEqual([]);
      expect(await fixture.bob.claim([request(id)])).toMatchObject([{ verdict: 'stale' }]);
      expect(await fixture.dueIds()).toEqual([]);
    });

    it('leaves a retried task one that is retried, with its error', async () => {
      const id = await fixture.claimed();
      const next = { message: message(), dueInMs: 0 };
      await fixture.ann.settle(settlement(id, { state: 'RETRY', retries: 1, error: BUSY, next }));
      await fixture.ann.claim([request(id, { generation: 1, retries: 1 })]);
      expect(await fixture.ann.passPointOfNoReturn({ taskId: id, attempt: 2 })).toEqual(true);
      await fixture.ann.settle(settlement(id, { attempt: 2, state: 'SNOOZE', retries: 1, next }));
      expect(await fixture.under.task(id)).toMatchObject({ state: 'RETRY', retries: 1, generation: 2, error: BUSY });
      expect(await fixture.under.attempts(id)).toMatchObject([
        { number: 1, outcome: 'RETRY' },
        { number: 2, outcome: 'SNOOZE' },
      ]);
      const [answer] = await fixture.bob.claim([request(id, { generation: 2, retries: 1 })]);
      expect(answer).toMatchObject({ verdict: 'run', interruptedAfterPointOfNoReturn: false });
    });
  });
}

function describeHandlerRows({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe("settling with a handler's rows", () => {
    it('has them written of the tasks that are settled, and of no others', async () => {
      const ids = [await fixture.claimed(), await fixture.claimed(), await fixture.claimed()];
      const written: string[] = [];
      const writer = { write: async (_manager: EntityManager, items: string[]) => void written.push(...items) };
      const rowsOf = (id: string) => ({ writer, data: `of ${id}` });
      await fixture.ann.settle(settlement(ids[1] as string));
      const settled = ids.map((id) => fixture.ann.settle(settlement(id, { rows: rowsOf(id) })));
      expect(await Promise.all(settled)).toEqual([true, false, true]);
      expect(written.toSorted()).toEqual([`of ${ids[0]}`, `of ${ids[2]}`].toSorted());
    });

    it('writes no outcome when they are refused, and says why', async () => {
      const id = await fixture.claimed();
      const refused = Object.assign(new Error('no such row'), { code: '22000' });
      const rows = { writer: { write: () => Promise.reject(refused) }, data: null };
      const error: unknown = await fixture.ann.settle(settlement(id, { rows })).catch((thrown: unknown) => thrown);
      expect(error === refused).toEqual(true);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'STARTED', attempt: 1 });
      expect(await fixture.ann.settle(settlement(id, { state: 'FAILURE' }))).toEqual(true);
    });
  });
}
