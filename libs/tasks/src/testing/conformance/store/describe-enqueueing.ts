import type { TestFramework } from '../test-framework.js';
import { message, newTask } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

export function describeEnqueueing({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('enqueueing', () => {
    it('writes the task, and its message', async () => {
      const task = newTask({ message: message({ retries: 0, note: 'a € sign' }) });
      expect(await fixture.outbox.enqueueOne(task)).toEqual({ id: task.id, isNew: true });
      expect(await fixture.under.task(task.id)).toMatchObject({
        name: 'test.task',
        state: 'PENDING',
        queue: 'mail',
        waitReason: null,
        dueAt: null,
        retries: 0,
        generation: 0,
        deaths: 0,
        attempt: 0,
        workerId: null,
        result: null,
        error: null,
        expiresAt: null,
        startedAt: null,
        finishedAt: null,
      });
      expect(await fixture.outbox.takeDue(10, 1000)).toEqual([
        { ...task.message, outboxId: task.outboxId, taskId: task.id, generation: 0, mandatory: true },
      ]);
    });

    it('leaves a task alone that is there already, and says so', async () => {
      const task = newTask();
      const again = { ...newTask({ name: 'another.task' }), id: task.id };
      await fixture.outbox.enqueueOne(task);
      expect(await fixture.outbox.enqueueOne(again)).toEqual({ id: task.id, isNew: false });
      const other = newTask();
      expect(await fixture.outbox.enqueueMany([again, other, newTask({ id: other.id })])).toEqual([
        { id: task.id, isNew: false },
        { id: other.id, isNew: true },
        { id: other.id, isNew: false },
      ]);
      expect(await fixture.under.task(task.id)).toMatchObject({ name: 'test.task' });
      expect((await fixture.waitingIds()).toSorted()).toEqual([task.id, other.id].toSorted());
    });

    it('leaves a message to its writer for as long as its lease', async () => {
      await fixture.send({ leaseMs: 60_000 });
      expect(await fixture.dueIds()).toEqual([]);
      const id = await fixture.send({ leaseMs: 0 });
      expect(await fixture.dueIds()).toEqual([id]);
    });

    it('has a task with a countdown wait for its time', async () => {
      const id = await fixture.send({ countdownMs: 60_000 });
      expect(await fixture.dueIds()).toEqual([]);
      const task = await fixture.under.task(id);
      expect(task).toMatchObject({ state: 'PENDING', waitReason: 'scheduled' });
      expect(task?.dueAt?.getTime()).toEqual((task?.createdAt.getTime() ?? NaN) + 60_000);
    });

    it('has a task with an eta wait for its time, and not at all when that is over', async () => {
      const eta = new Date('2100-01-01T00:00:00Z');
      const later = await fixture.send({ eta });
      expect(await fixture.under.task(later)).toMatchObject({ waitReason: 'scheduled', dueAt: eta });
      const past = await fixture.send({ eta: new Date(0) });
      expect(await fixture.dueIds()).toEqual([past]);
    });

    it('notes when a task expires', async () => {
      const expiresAt = new Date('2100-01-01T00:00:00Z');
      expect(await fixture.under.task(await fixture.send({ expiresAt }))).toMatchObject({ expiresAt });
      const task = await fixture.under.task(await fixture.send({ expiresInMs: 5000 }));
      expect(task?.expiresAt?.getTime()).toEqual((task?.createdAt.getTime() ?? NaN) + 5000);
    });
  });

  describe("enqueueing in the caller's transaction", () => {
    it('writes the tasks when that commits, and calls back then', async () => {
      const tasks = [newTask(), newTask()];
      const called: string[] = [];
      await fixture.under.transaction(async (manager) => {
        const enqueued = await fixture.outbox.enqueue(tasks, manager);
        expect(enqueued).toEqual(tasks.map(({ id }) => ({ id, isNew: true })));
        fixture.outbox.afterCommit(manager, () => called.push('back'));
        expect(await fixture.dueIds()).toEqual([]);
        expect(called).toEqual([]);
      });
      expect(called).toEqual(['back']);
      expect((await fixture.dueIds()).toSorted()).toEqual(tasks.map(({ id }) => id).toSorted());
    });

    it('leaves nothing when that is rolled back, and does not call back', async () => {
      const called: string[] = [];
      const undone = fixture.under.transaction(async (manager) => {
        await fixture.outbox.enqueue([newTask()], manager);
        fixture.outbox.afterCommit(manager, () => called.push('back'));
        throw new Error('changed my mind');
      });
      expect(await undone.catch((error: Error) => error.message)).toEqual('changed my mind');
      await fixture.under.transaction(async () => undefined);
      expect({ called, waiting: await fixture.waitingIds() }).toEqual({ called: [], waiting: [] });
    });

    it('leaves tasks alone that are there already, also by the same transaction', async () => {
      const [first, second] = [newTask(), newTask()];
      await fixture.outbox.enqueueOne(first);
      await fixture.under.transaction(async (manager) => {
        const enqueued = [
          ...(await fixture.outbox.enqueue([first, second], manager)),
          ...(await fixture.outbox.enqueue([second], manager)),
        ];
        expect(enqueued.map(({ isNew }) => isNew)).toEqual([false, true, false]);
      });
      expect((await fixture.waitingIds()).toSorted()).toEqual([first.id, second.id].toSorted());
    });
  });
}
