import type { TestFramework } from '../test-framework.js';
import { message, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const LATER = { message: message(), dueInMs: 60_000 };

export function describeWaiting(framework: TestFramework, fixture: StoreFixture): void {
  const { describe, it, expect } = framework;
  describe('tasks that were put off', () => {
    async function snoozed(count: number): Promise<string[]> {
      const ids = await fixture.sendInOrder(count);
      for (const { id } of await fixture.under.messages()) await fixture.outbox.published(id);
      await fixture.ann.claim(ids.map((id) => request(id)));
      await Promise.all(ids.map((id) => fixture.ann.settle(settlement(id, { state: 'SNOOZE', next: LATER }))));
      return ids;
    }

    it('are woken by their name and reason alone', async () => {
      const [id = ''] = await snoozed(1);
      await fixture.outbox.wake(['test.task'], 'no_handler');
      await fixture.outbox.wake(['another.task'], 'snoozed');
      expect(await fixture.dueIds()).toEqual([]);
      await fixture.outbox.wake(['test.task'], 'snoozed');
      expect(await fixture.standings([id])).toMatchObject([{ waitReason: null, isEarly: false, before: null }]);
      expect(await fixture.outbox.takeDue(10, 1000)).toMatchObject([{ taskId: id, generation: 1 }]);
    });

    it('are woken some at a time, or by a worker', async () => {
      const ids = await snoozed(3);
      await fixture.outbox.wake(['test.task'], 'snoozed', 2);
      const first = await fixture.dueIds();
      expect(first.length).toEqual(2);
      await fixture.ann.wake(['test.task'], 'snoozed');
      expect([...first, ...(await fixture.dueIds())].toSorted()).toEqual(ids.toSorted());
    });
  });

  describeHandingBack(framework, fixture);
}

function describeHandingBack({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('handing back', () => {
    it('moves the message to the outbox and makes the delivery stale; a run in progress goes on', async () => {
      const taskId = await fixture.claimed();
      const waitReason = 'lease' as const;
      const back = { taskId, generation: 0, attempt: null, message: message(), dueInMs: 0, waitReason };
      expect(await fixture.bob.handBack(back)).toEqual(true);
      expect(await fixture.bob.handBack(back)).toEqual(false);
      expect(await fixture.under.task(taskId)).toMatchObject({ state: 'STARTED', waitReason });
      expect(await fixture.outbox.takeDue(10, 1000)).toMatchObject([{ taskId, generation: 1 }]);
      expect(await fixture.bob.claim([request(taskId)])).toMatchObject([{ verdict: 'stale' }]);
      expect(await fixture.ann.settle(settlement(taskId))).toEqual(true);
    });

    it('gives up a claim of its own, and no other', async () => {
      const taskId = await fixture.claimed();
      const back = { taskId, generation: 0, attempt: 1, message: message(), dueInMs: 0, waitReason: null };
      expect(await fixture.bob.handBack(back)).toEqual(false);
      expect(await fixture.ann.handBack(back)).toEqual(true);
      expect(await fixture.under.task(taskId)).toMatchObject({ state: 'PENDING', workerId: null, deaths: 0 });
      const [answer] = await fixture.bob.claim([request(taskId, { generation: 1 })]);
      expect(answer).toMatchObject({ verdict: 'run', attempt: 2, deaths: 0 });
    });

    it('gives up a claim whose message was put off by another worker', async () => {
      const taskId = await fixture.claimed();
      const back = { taskId, generation: 0, message: message(), dueInMs: 0 };
      await fixture.bob.handBack({ ...back, attempt: null, waitReason: 'lease' });
      expect(await fixture.ann.handBack({ ...back, attempt: 1, waitReason: null })).toEqual(true);
      expect(await fixture.bob.claim([request(taskId, { generation: 1 })])).toMatchObject([{ verdict: 'stale' }]);
      const [answer] = await fixture.bob.claim([request(taskId, { generation: 2 })]);
      expect(answer).toMatchObject({ verdict: 'run', attempt: 2, deaths: 0 });
    });

    it('waits for its time', async () => {
      const taskId = await fixture.claimed();
      const waitReason = 'no_handler' as const;
      const back = { taskId, generation: 0, attempt: 1, message: message(), dueInMs: 60_000, waitReason };
      await fixture.ann.handBack(back);
      expect(await fixture.dueIds()).toEqual([]);
      expect(await fixture.standings([taskId])).toMatchObject([{ waitReason, isEarly: true }]);
    });
  });
}
