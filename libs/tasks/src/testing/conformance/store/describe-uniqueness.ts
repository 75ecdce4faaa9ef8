import { createHash } from 'node:crypto';
import type { EndState } from '../../../contract/task-state.js';
import type { NewTask } from '../../../store/task-store.js';
import type { TestFramework } from '../test-framework.js';
import { newTask, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const HOUR = 3600;

/** A task that holds a key for an hour. */
function unique(name: string, endStates: EndState[] = []): NewTask {
  const key = createHash('sha256').update(name).digest();
  return newTask({ unique: { key, forMs: HOUR * 1000, endStates } });
}

export function describeUniqueness({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  const isNew = async (task: NewTask): Promise<boolean> => (await fixture.outbox.enqueueOne(task)).isNew;

  async function ended(task: NewTask, state: 'SUCCESS' | 'FAILURE'): Promise<void> {
    await fixture.ann.claim([request(task.id)]);
    await fixture.ann.settle(settlement(task.id, { state }));
  }

  describe('a key', () => {
    it('is held by one task; who comes second is told which', async () => {
      const [first, second] = [unique('a'), unique('a')];
      expect(await fixture.outbox.enqueueOne(first)).toEqual({ id: first.id, isNew: true });
      expect(await fixture.outbox.enqueueOne(second)).toEqual({ id: first.id, isNew: false });
      expect(await fixture.outbox.enqueueOne(first)).toEqual({ id: first.id, isNew: false });
      expect(await fixture.under.task(second.id)).toEqual(undefined);
      expect(await isNew(unique('b'))).toEqual(true);
    });

    it('is free when its task has ended, but for the ends that the next one names', async () => {
      const first = unique('a');
      await fixture.outbox.enqueueOne(first);
      await fixture.ann.claim([request(first.id)]);
      expect(await isNew(unique('a'))).toEqual(false);
      await fixture.ann.settle(settlement(first.id));
      expect(await isNew(unique('a', ['SUCCESS']))).toEqual(false);
      const second = unique('a', ['SUCCESS']);
      expect(await isNew(unique('a', ['FAILURE']))).toEqual(true);
      expect(await isNew(second)).toEqual(false);
    });

    it('may be held over an end, until its time is over', async () => {
      const first = unique('a');
      await fixture.outbox.enqueueOne(first);
      await ended(first, 'FAILURE');
      expect(await isNew(unique('a', ['FAILURE']))).toEqual(false);
      await fixture.under.pass(HOUR + 1);
      expect(await isNew(unique('a', ['FAILURE']))).toEqual(true);
    });

    it('is forgotten when its time is over', async () => {
      for (const name of ['a', 'b']) await fixture.outbox.enqueueOne(unique(name));
      await fixture.under.pass(HOUR + 1);
      await fixture.outbox.enqueueOne(unique('c'));
      expect(await fixture.outbox.forgetKeys(1)).toEqual(1);
      expect(await fixture.outbox.forgetKeys(10)).toEqual(1);
      expect(await isNew(unique('c'))).toEqual(false);
    });

    it('keeps its task from being forgotten, which says whether it is free', async () => {
      const first = { ...unique('a'), retentionSeconds: 0 };
      await fixture.outbox.enqueueOne(first);
      await ended(first, 'FAILURE');
      expect(await fixture.outbox.forgetEnded(10)).toEqual(0);
      expect(await fixture.outbox.enqueueOne(unique('a', ['FAILURE']))).toEqual({ id: first.id, isNew: false });
      expect(await isNew(unique('a'))).toEqual(true);
      expect(await fixture.outbox.forgetEnded(10)).toEqual(1);
    });

    it('that has run out keeps no task', async () => {
      const first = { ...unique('a'), retentionSeconds: 0 };
      await fixture.outbox.enqueueOne(first);
      await ended(first, 'SUCCESS');
      await fixture.under.pass(HOUR + 1);
      expect(await fixture.outbox.forgetEnded(10)).toEqual(1);
    });

    it('is given to the first of many, in their order', async () => {
      const [a, plain, b, again, repeated] = [unique('a'), newTask(), unique('b'), unique('a'), unique('b')];
      expect(await fixture.outbox.enqueueMany([a, plain, b, again, repeated])).toEqual([
        { id: a.id, isNew: true },
        { id: plain.id, isNew: true },
        { id: b.id, isNew: true },
        { id: a.id, isNew: false },
        { id: b.id, isNew: false },
      ]);
      expect((await fixture.waitingIds()).toSorted()).toEqual([a.id, plain.id, b.id].toSorted());
    });

    it('is held from within a transaction on, and not when that is rolled back', async () => {
      const undone = fixture.under.transaction(async (manager) => {
        await fixture.outbox.enqueue([unique('a')], manager);
        throw new Error('changed my mind');
      });
      await undone.catch(() => undefined);
      const first = unique('a');
      await fixture.under.transaction(async (manager) => {
        expect(await fixture.outbox.enqueue([first], manager)).toEqual([{ id: first.id, isNew: true }]);
        expect(await fixture.outbox.enqueue([unique('a')], manager)).toEqual([{ id: first.id, isNew: false }]);
      });
      expect(await fixture.outbox.enqueueOne(unique('a'))).toEqual({ id: first.id, isNew: false });
    });
  });
}
