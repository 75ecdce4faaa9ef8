import { v7 as uuidv7 } from 'uuid';
import type { Letter } from '../../../store/task-store.js';
import type { TestFramework } from '../test-framework.js';
import { foreignRequest, message, newTask, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

export function describeOutbox({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('the outbox', () => {
    it('hands out no more messages than were asked for, and each once while it is leased', async () => {
      const ids = await Promise.all(Array.from({ length: 50 }, () => fixture.send()));
      const taken: Array<string | null> = [];
      for (let round = 0; round < 5; round += 1) {
        const messages = await fixture.outbox.takeDue(10, 60_000);
        expect(messages.length).toEqual(10);
        taken.push(...messages.map(({ taskId }) => taskId));
      }
      expect(taken.toSorted()).toEqual(ids.toSorted());
      expect(await fixture.dueIds()).toEqual([]);
    });

    it('hands a message out again whose lease has run out', async () => {
      const id = await fixture.send();
      expect(await fixture.outbox.takeDue(10, 0)).toMatchObject([{ taskId: id }]);
      expect(await fixture.dueIds()).toEqual([id]);
    });

    it('forgets what was published', async () => {
      const task = newTask();
      await fixture.outbox.enqueueOne(task);
      await fixture.outbox.published(task.outboxId);
      await fixture.outbox.published(task.outboxId);
      expect(await fixture.waitingIds()).toEqual([]);
      expect(await fixture.under.task(task.id)).toMatchObject({ state: 'PENDING' });
    });

    it('puts off what could not be published', async () => {
      const [later, now] = [newTask(), newTask()];
      await fixture.outbox.enqueueMany([later, now]);
      await fixture.outbox.takeDue(10, 60_000);
      await Promise.all([
        fixture.outbox.postpone(later.outboxId, 60_000, null),
        fixture.outbox.postpone(now.outboxId, 0, null),
      ]);
      expect(await fixture.dueIds()).toEqual([now.id]);
    });

    it('takes letters, which continue no task', async () => {
      const [first, second] = [message({ reason: 'broken' }), message()];
      await fixture.outbox.addLetters([
        { message: first, mandatory: true },
        { message: { ...second, routingKey: 'client' }, mandatory: false },
      ]);
      const due = await fixture.outbox.takeDue(10, 1000);
      expect(due.toSorted((a, b) => Number(b.mandatory) - Number(a.mandatory))).toMatchObject([
        { ...first, taskId: null, generation: null, mandatory: true },
        { ...second, routingKey: 'client', taskId: null, generation: null, mandatory: false },
      ]);
    });
  });

  describe('a letter in a transaction', () => {
    const letter = (id?: string): Letter => ({ id, message: message(), mandatory: false });
    const due = async (): Promise<string[]> =>
      (await fixture.outbox.takeDue(10, 60_000)).map(({ outboxId }) => outboxId);

    it('is there once that has committed, under the id that it was given', async () => {
      const id = uuidv7();
      await fixture.under.transaction(async (manager) => {
        await fixture.outbox.addLetters([letter(id), letter()], manager);
        expect(await due()).toEqual([]);
      });
      const ids = await due();
      expect([ids.length, ids.includes(id)]).toEqual([2, true]);
    });

    it('is never there if that is rolled back', async () => {
      const work = fixture.under.transaction(async (manager) => {
        await fixture.outbox.addLetters([letter()], manager);
        throw new Error('on second thoughts');
      });
      expect(await work.catch((error: Error) => error.message)).toEqual('on second thoughts');
      expect(await due()).toEqual([]);
    });
  });

  describe('reconciling', () => {
    it('brings back what nothing moves any more, and nothing else', async () => {
      const lost = await fixture.published();
      const [done, running] = [await fixture.claimed(), await fixture.claimed()];
      await fixture.ann.settle(settlement(done));
      await fixture.published({ queue: 'celery' });
      const waiting = await fixture.send({ leaseMs: 60_000 });
      expect(await fixture.outbox.reconcile(['mail'], 60_000)).toEqual(0);
      expect(await fixture.outbox.reconcile(['mail'], 0)).toEqual(1);
      expect(await fixture.under.task(lost)).toMatchObject({ state: 'PENDING', generation: 1 });
      expect(await fixture.outbox.takeDue(10, 1000)).toMatchObject([{ ...message(), taskId: lost, generation: 1 }]);
      expect(await fixture.waitingIds()).toEqual([waiting, lost]);
      expect(await fixture.under.task(running)).toMatchObject({ state: 'STARTED', generation: 0 });
      // What its old message still says is stale.
      expect(await fixture.ann.claim([request(lost)])).toMatchObject([{ verdict: 'stale' }]);
    });

    it('brings back what a worker held that is dead, with what its newest message said', async () => {
      const id = await fixture.claimed();
      const next = { message: message({ retries: 1 }), dueInMs: 0 };
      await fixture.ann.settle(settlement(id, { state: 'RETRY', retries: 1, next }));
      for (const { outboxId } of await fixture.outbox.takeDue(10, 1000)) await fixture.outbox.published(outboxId);
      await fixture.ann.claim([request(id, { generation: 1, retries: 1 })]);
      expect(await fixture.outbox.reconcile(['mail'], 0)).toEqual(0);
      await fixture.ann.renewLease(0);
      expect(await fixture.outbox.reconcile(['mail'], 0)).toEqual(1);
      const [due] = await fixture.outbox.takeDue(10, 1000);
      expect(due).toMatchObject({ taskId: id, generation: 2, envelope: { headers: { retries: 1 } } });
    });
  });

  describe('forgetting', () => {
    it('drops tasks that have ended when their time is over, with their attempts, and no others', async () => {
      const ended: string[] = [];
      for (const retentionSeconds of [0, 0, 3600, null]) {
        const id = await fixture.published({ retentionSeconds });
        await fixture.ann.claim([request(id)]);
        await fixture.ann.settle(settlement(id));
        ended.push(id);
      }
      const waiting = await fixture.send({ retentionSeconds: 0 });
      expect([await fixture.outbox.forgetEnded(1), await fixture.outbox.forgetEnded(10)]).toEqual([1, 1]);
      const left = await Promise.all([...ended, waiting].map((id) => fixture.under.task(id)));
      expect(left.map((task) => task !== undefined)).toEqual([false, false, true, true, true]);
      const attempts = await Promise.all(ended.map((id) => fixture.under.attempts(id)));
      expect(attempts.map(({ length }) => length)).toEqual([0, 0, 1, 1]);
    });

    it('drops those of foreign producers too', async () => {
      const foreign = { name: 'test.task', queue: 'mail', message: message(), expiresAt: null, retentionSeconds: 0 };
      await fixture.ann.claim([foreignRequest('from-python', { foreign })]);
      expect(await fixture.outbox.forgetEnded(10)).toEqual(0);
      await fixture.ann.settle(settlement('from-python'));
      expect(await fixture.outbox.forgetEnded(10)).toEqual(1);
    });
  });
}
