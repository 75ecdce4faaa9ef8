import type { ClaimRequest, WorkerStore } from '../../../store/task-store.js';
import type { TestFramework } from '../test-framework.js';
import { foreignRequest, message, newTask, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const MINUTE = 60;
/** 1 a minute. */
const LIMITED = { taskName: 'test.task', key: '', defaultIntervalUs: 60_000_000 };
const UNLIMITED = { ...LIMITED, defaultIntervalUs: null };

/** @returns the verdicts */
async function claim(
  store: WorkerStore,
  ids: readonly string[],
  change: Partial<ClaimRequest> = {},
): Promise<string[]> {
  const answers = await store.claim(ids.map((id) => request(id, { rateLimit: LIMITED, ...change })));
  return answers.map(({ verdict }) => verdict);
}

/** What the relay does when a slot has come: the message under way carries the next generation. */
function claimAgain(store: WorkerStore, ids: readonly string[]): Promise<string[]> {
  return claim(store, ids, { generation: 1 });
}

/** @returns the ids, in their order */
async function sent(fixture: StoreFixture, count: number): Promise<string[]> {
  const tasks = Array.from({ length: count }, () => newTask());
  await fixture.outbox.enqueueMany(tasks);
  for (const { outboxId } of tasks) await fixture.outbox.published(outboxId);
  return tasks.map(({ id }) => id);
}

/** Of those of the tasks that wait for one, in seconds after the first of all starts and slots, in their order. */
async function slotsOf(fixture: StoreFixture, ids: readonly string[]): Promise<number[]> {
  const tasks = await Promise.all(ids.map((id) => fixture.under.task(id)));
  const times = tasks.flatMap((task) => task?.startedAt ?? task?.dueAt ?? []).map((time) => time.getTime());
  const waiting = tasks.flatMap((task) => (task?.waitReason === 'rate_limited' ? (task.dueAt ?? []) : []));
  return waiting.map((dueAt) => (dueAt.getTime() - Math.min(...times)) / 1000).toSorted((a, b) => a - b);
}

export function describeRateLimits(framework: TestFramework, fixture: StoreFixture): void {
  const { describe, it, expect } = framework;
  describe('a limited rate', () => {
    it('lets one start, and gives the others their slots in the order in which they came', async () => {
      const ids = await sent(fixture, 4);
      expect(await claim(fixture.ann, ids)).toEqual(['run', 'rate_limited', 'rate_limited', 'rate_limited']);
      expect(await slotsOf(fixture, ids)).toEqual([60, 120, 180]);
      const messages = await fixture.under.messages();
      for (const [index, id] of ids.slice(1).entries()) {
        const task = await fixture.under.task(id);
        expect(task).toMatchObject({ state: 'PENDING', attempt: 0, generation: 1 });
        const waiting = messages.find(({ taskId }) => taskId === id);
        expect(waiting).toMatchObject({ ...message(), generation: 1, dueAt: task?.dueAt });
        expect(await slotsOf(fixture, [ids[0] as string, id])).toEqual([60 * (index + 1)]);
      }
      expect(await fixture.standings(ids.slice(3))).toMatchObject([{ waitReason: 'rate_limited', isEarly: true }]);
    });

    it('has no second price: who waited for its slot runs in it, and who comes then waits for the next', async () => {
      const [first = '', second = '', third = ''] = await sent(fixture, 3);
      await claim(fixture.ann, [first, second]);
      await fixture.under.pass(MINUTE);
      expect(await claim(fixture.bob, [third])).toEqual(['rate_limited']);
      expect(await claimAgain(fixture.bob, [second])).toEqual(['run']);
      await fixture.under.pass(MINUTE);
      expect(await claimAgain(fixture.ann, [third])).toEqual(['run']);
    });

    it('is one for all workers, also when they ask in the same moment', async () => {
      const ids = await sent(fixture, 200);
      const batches = Array.from({ length: 20 }, (_, index) => ids.slice(index * 10, index * 10 + 10));
      const workers = [fixture.ann, fixture.bob];
      const claims = batches.map((batch, index) => claim(workers[index % 2] as WorkerStore, batch));
      const verdicts = (await Promise.all(claims)).flat();
      expect(verdicts.filter((verdict) => verdict === 'run').length).toEqual(1);
      const slots = await slotsOf(fixture, ids);
      const steps = slots.slice(1).map((slot, index) => Math.round(slot - (slots[index] ?? 0)));
      expect([slots.length, new Set(steps)]).toEqual([199, new Set([60])]);
    });

    it('is kept for each key apart, and leaves tasks without a limit alone', async () => {
      const ids = await sent(fixture, 6);
      const limits = ['a', 'b', 'a', 'b', 'a'].map((key) => ({ ...LIMITED, key }));
      const requests = ids.map((id, index) => request(id, { rateLimit: limits[index] ?? UNLIMITED }));
      const verdicts = (await fixture.ann.claim(requests)).map(({ verdict }) => verdict);
      expect(verdicts).toEqual(['run', 'run', 'rate_limited', 'rate_limited', 'rate_limited', 'run']);
      expect(await slotsOf(fixture, ids)).toEqual([60, 60, 120]);
    });

    it('has a retry take a slot of its own', async () => {
      const [id = '', other = ''] = await sent(fixture, 2);
      await claim(fixture.ann, [id]);
      const next = { message: message(), dueInMs: 0 };
      await fixture.ann.settle(settlement(id, { state: 'RETRY', retries: 1, next }));
      expect(await claim(fixture.bob, [id], { generation: 1, retries: 1 })).toEqual(['rate_limited']);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'RETRY', generation: 2 });
      expect(await claim(fixture.bob, [other])).toEqual(['rate_limited']);
    });

    it("counts a foreign producer's tasks, and those of a dead worker, too", async () => {
      const [mine = ''] = await sent(fixture, 1);
      await claim(fixture.ann, [mine]);
      await fixture.ann.renewLease(0);
      const python = ['python-1', 'python-2'].map((id) => foreignRequest(id, { rateLimit: LIMITED }));
      const verdicts = (await fixture.bob.claim(python)).map(({ verdict }) => verdict);
      expect(verdicts).toEqual(['rate_limited', 'rate_limited']);
      expect(await claim(fixture.bob, [mine])).toEqual(['rate_limited']);
      expect(await fixture.under.task(mine)).toMatchObject({ state: 'PENDING', deaths: 1, workerId: null });
      const waiting = await fixture.under.messages();
      const inOrder = waiting.toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
      expect(inOrder.map(({ taskId }) => taskId)).toEqual(['python-1', 'python-2', mine]);
      await fixture.under.pass(MINUTE);
      expect(await claimAgain(fixture.bob, ['python-1'])).toEqual(['run']);
    });

    it('lets what comes long after its slot start as the rate allows, and not all at once', async () => {
      const ids = await sent(fixture, 100);
      await claim(fixture.ann, ids);
      // No worker was there for hours.
      await fixture.under.pass(180 * MINUTE);
      const verdicts = await claimAgain(fixture.ann, ids.slice(1));
      expect(verdicts.filter((verdict) => verdict === 'run').length).toEqual(1);
      const slots = await slotsOf(fixture, ids.slice(1));
      expect([slots.length, Math.round(slots.at(-1) ?? 0)]).toEqual([98, 98 * 60]);
    });

    it('has each task of a flood claimed twice at most', async () => {
      const ids = await sent(fixture, 500);
      // 1000 a second.
      const rateLimit = { ...LIMITED, defaultIntervalUs: 1000 };
      const verdicts: string[] = [];
      for (let from = 0; from < ids.length; from += 100) {
        verdicts.push(...(await claim(fixture.ann, ids.slice(from, from + 100), { rateLimit })));
      }
      await fixture.under.pass(2);
      const waiting = ids.filter((_, index) => verdicts[index] === 'rate_limited');
      expect(waiting.length > 0).toEqual(true);
      const again = await claim(fixture.bob, waiting, { rateLimit, generation: 1 });
      expect(new Set(again)).toEqual(new Set(['run']));
    });
  });

  describeSetRates(framework, fixture);
}

function describeSetRates({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('a rate that is set while running', () => {
    it('is followed by every worker at its next claim, also where the contract has none', async () => {
      const ids = await sent(fixture, 7);
      const change = { rateLimit: UNLIMITED };
      expect(await claim(fixture.ann, ids.slice(0, 2), change)).toEqual(['run', 'run']);
      await fixture.outbox.setRateLimit('test.task', '1/m');
      expect(await claim(fixture.ann, ids.slice(2, 4), change)).toEqual(['run', 'rate_limited']);
      expect(await claim(fixture.bob, ids.slice(4, 6), change)).toEqual(['rate_limited', 'rate_limited']);
      await fixture.outbox.setRateLimit('another.task', '1/h');
      expect(await claim(fixture.bob, ids.slice(6), change)).toEqual(['rate_limited']);
    });

    it('has those follow, when it is higher, that wait for far slots, in their order', async () => {
      const ids = await sent(fixture, 5);
      await claim(fixture.ann, ids);
      await fixture.outbox.setRateLimit('test.task', '6/m');
      expect((await fixture.dueIds()).toSorted()).toEqual(ids.slice(1).toSorted());
      const verdicts = await claimAgain(fixture.bob, ids.slice(1));
      expect(verdicts).toEqual(['run', 'rate_limited', 'rate_limited', 'rate_limited']);
      expect(await slotsOf(fixture, ids.slice(1))).toEqual([10, 20, 30]);
    });

    it('has those follow, when it is higher, though a claim has gone by the new rate already', async () => {
      const ids = await sent(fixture, 4);
      await claim(fixture.ann, ids.slice(0, 3));
      // A worker whose annotations say so.
      await claim(fixture.bob, ids.slice(3), { rateLimit: { ...LIMITED, defaultIntervalUs: 1_000_000 } });
      await fixture.outbox.setRateLimit('test.task', '1/s');
      expect((await fixture.dueIds()).toSorted()).toEqual(ids.slice(1).toSorted());
    });

    it('has all of them run when it is lifted', async () => {
      const ids = await sent(fixture, 5);
      await claim(fixture.ann, ids);
      await fixture.outbox.setRateLimit('test.task', null);
      expect((await fixture.dueIds()).toSorted()).toEqual(ids.slice(1).toSorted());
      expect(new Set(await claimAgain(fixture.bob, ids.slice(1)))).toEqual(new Set(['run']));
    });

    it('leaves the slots alone that were given when it is lowered', async () => {
      const ids = await sent(fixture, 5);
      await claim(fixture.ann, ids.slice(0, 3));
      await fixture.outbox.setRateLimit('test.task', '1/h');
      await claim(fixture.bob, ids.slice(3, 4));
      expect(await slotsOf(fixture, ids)).toEqual([60, 120, 180]);
      await claim(fixture.bob, ids.slice(4));
      expect((await slotsOf(fixture, ids)).at(-1)).toEqual(180 + 3600);
      await fixture.under.pass(MINUTE);
      expect(await claimAgain(fixture.bob, ids.slice(1, 2))).toEqual(['run']);
      await fixture.under.pass(MINUTE);
      expect(await claimAgain(fixture.bob, ids.slice(2, 3))).toEqual(['run']);
    });
  });
}
