import type { NewTask } from '../../../store/task-store.js';
import type { TaskFilter, TaskPage } from '../../../store/inspect-store.js';
import type { TestFramework } from '../test-framework.js';
import { newTask, request, settlement } from './builders.js';
import { StoreFixture } from './store-fixture.js';

export function describeInspecting(framework: TestFramework, fixture: StoreFixture): void {
  describeTasks(framework, fixture);
  describeWorkers(framework, fixture);
}

function describeTasks({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  const look = (filter: TaskFilter = {}, limit = 10, before?: string | null): Promise<TaskPage> =>
    fixture.under.store.inspect.tasks(filter, limit, before);

  async function ids(filter: TaskFilter): Promise<string[]> {
    return (await look(filter)).tasks.map(({ id }) => id);
  }

  /** Tasks that were sent one second after the other. */
  async function sendInTurn(...changes: Array<Partial<NewTask>>): Promise<string[]> {
    const sent: string[] = [];
    for (const change of changes) {
      await fixture.under.pass(1);
      sent.push(await fixture.published(change));
    }
    return sent;
  }

  describe('looking for tasks', () => {
    it('shows what has become of each, the newest first', async () => {
      const [failed, waiting] = await sendInTurn({}, { name: 'test.other', queue: 'slow', countdownMs: 60_000 });
      await fixture.ann.claim([request(failed as string)]);
      const error = { type: 'RangeError', message: 'No.', stack: 'RangeError: No.\n  at' };
      await fixture.ann.settle(settlement(failed as string, { state: 'FAILURE', error }));
      const { tasks, older } = await look();
      expect(older).toEqual(null);
      expect(tasks).toMatchObject([
        { id: waiting, name: 'test.other', state: 'PENDING', queue: 'slow', waitReason: 'scheduled', worker: null },
        { id: failed, name: 'test.task', state: 'FAILURE', queue: 'mail', retries: 0, worker: null },
      ]);
      expect(tasks.map((task) => task.error)).toEqual([null, { type: 'RangeError', message: 'No.' }]);
      expect(tasks.map((task) => task.finishedAt instanceof Date)).toEqual([false, true]);
      expect(tasks[0]?.dueAt instanceof Date).toEqual(true);
    });

    it('finds those in a state, of a name, in a queue', async () => {
      const [first, second, third] = await sendInTurn({}, { name: 'test.other' }, { queue: 'slow' });
      await fixture.ann.claim([request(first as string)]);
      const { tasks } = await look({ states: ['STARTED'] });
      expect(tasks.map(({ id, worker }) => [id, worker])).toEqual([[first, 'ann@test']]);
      expect(await ids({ states: ['PENDING', 'STARTED'] })).toEqual([third, second, first]);
      expect(await ids({ name: 'test.other' })).toEqual([second]);
      expect(await ids({ queue: 'slow' })).toEqual([third]);
      expect(await ids({ queue: 'slow', name: 'test.other' })).toEqual([]);
    });

    it('finds those that were sent in a time: from then on, and before then', async () => {
      const [first, second, third] = await sendInTurn({}, {}, {});
      const time = (await look({}, 10)).tasks[1]?.createdAt as Date;
      const afterwards = new Date(time.getTime() + 1);
      expect(await ids({ since: time })).toEqual([third, second]);
      expect(await ids({ until: afterwards })).toEqual([second, first]);
      expect(await ids({ since: time, until: afterwards })).toEqual([second]);
    });

    it('goes on page by page, also among tasks that were sent at the same time', async () => {
      const [old] = await sendInTurn({});
      await fixture.under.pass(1);
      const together = [0, 1, 2, 3, 4].map((n) => newTask({ id: `many-${n}` }));
      await fixture.outbox.enqueueMany(together);
      const first = await look({}, 2);
      const second = await look({}, 2, first.older);
      const third = await look({}, 2, second.older);
      const found = [first, second, third].flatMap(({ tasks }) => tasks.map(({ id }) => id));
      expect(found).toEqual(['many-4', 'many-3', 'many-2', 'many-1', 'many-0', old]);
      expect((await look({}, 2, third.older)).tasks).toEqual([]);
    });

    it('refuses to go on from what is no place', async () => {
      for (const place of ['yesterday', '2025-01-01/x', '2025-13-41T00:00:00.000Z/x', '2025-01-01T00:00:00.000Z/']) {
        const problem: unknown = await look({}, 2, place).catch((error: unknown) => error);
        expect(problem).toMatchObject({ name: 'InvalidTaskPlaceError', given: place });
      }
    });
  });
}

function describeWorkers({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('looking for workers', () => {
    it('shows those that live, by name', async () => {
      const dead = await fixture.hire('aaron');
      await dead.renewLease(0);
      const workers = await fixture.under.store.inspect.workers();
      expect(workers).toMatchObject([
        { name: 'ann@test', queues: ['mail'], concurrency: 4, pid: process.pid, running: [] },
        { name: 'bob@test', queues: ['mail'], concurrency: 4, pid: process.pid, running: [] },
      ]);
      expect(workers.map(({ startedAt }) => startedAt instanceof Date)).toEqual([true, true]);
    });

    it('shows what each runs of what it said that it runs', async () => {
      const [first, second, ended] = [await fixture.claimed(), await fixture.claimed(), await fixture.claimed()];
      await fixture.ann.settle(settlement(ended));
      await fixture.ann.renewLease(StoreFixture.LEASE_MS, [second, first, ended]);
      await fixture.bob.renewLease(StoreFixture.LEASE_MS, [first]);
      const [ann, bob] = await fixture.under.store.inspect.workers();
      expect(ann?.running.map(({ id, name }) => [id, name])).toEqual([
        [first, 'test.task'],
        [second, 'test.task'],
      ]);
      expect(ann?.running.every(({ startedAt }) => startedAt instanceof Date)).toEqual(true);
      expect(bob?.running).toEqual([]);
    });
  });
}
