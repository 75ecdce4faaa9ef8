import type { TestFramework } from '../test-framework.js';
import { message, newTask, request, settlement, worker } from './builders.js';
import { StoreFixture } from './store-fixture.js';

const LATER = { message: message(), dueInMs: 60_000 };
const ERROR = { type: 'Error', message: 'boom', stack: null };

export function describeStandings(framework: TestFramework, fixture: StoreFixture): void {
  describeWaitingOnes(framework, fixture);
  describeOthers(framework, fixture);
}

function describeWaitingOnes({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('how a task stands that waits', () => {
    it('has what the task is, and that nobody has taken it', async () => {
      const [id = ''] = await fixture.sendInOrder(1);
      const [standing] = await fixture.standings([id, 'unknown']);
      expect(standing).toMatchObject({ taskId: id, taskName: 'test.task', state: 'PENDING', queue: 'mail' });
      expect(standing).toMatchObject({ exchange: 'mail', routingKey: 'mail', isElsewhere: false });
      expect(standing).toMatchObject({ retries: 0, deaths: 0, attempt: 0, error: null, progress: null });
      expect(standing).toMatchObject({ workerName: null, leaseUntil: null, isLeaseAlive: false, timeLimits: null });
      expect(standing).toMatchObject({ startedAt: null, finishedAt: null, revokeRequestedAt: null });
      expect(await fixture.standings(['unknown'])).toEqual([]);
    });

    it('says who lives, and what they consume', async () => {
      const [id = ''] = await fixture.sendInOrder(1);
      const living = async (): Promise<unknown> => (await fixture.outbox.standings([id])).workers;
      const facts = { queues: ['mail'], concurrency: 4 };
      expect(await living()).toEqual([
        { name: 'ann@test', ...facts },
        { name: 'bob@test', ...facts },
      ]);
      await fixture.ann.renewLease(0);
      const idle = fixture.under.store.forWorker({ ...worker('cy'), queues: [], concurrency: 1 });
      await idle.renewLease(StoreFixture.LEASE_MS);
      await idle.close();
      expect(await living()).toEqual([
        { name: 'bob@test', ...facts },
        { name: 'cy@test', queues: [], concurrency: 1 },
      ]);
    });

    it('counts how many of its queue are before it', async () => {
      const [first = ''] = await fixture.sendInOrder(4);
      await fixture.sendInOrder(2, 'another');
      const [last = ''] = await fixture.sendInOrder(1);
      expect(await fixture.standings([last])).toMatchObject([{ before: 4, isMore: false }]);
      await fixture.ann.claim([request(first)]);
      expect(await fixture.standings([last])).toMatchObject([{ before: 3 }]);
      // One that was put off is overtaken.
      await fixture.ann.settle(settlement(first, { state: 'SNOOZE', next: LATER }));
      expect(await fixture.standings([last])).toMatchObject([{ before: 3 }]);
      expect(await fixture.standings([first])).toMatchObject([
        { waitReason: 'snoozed', isEarly: true, before: null, isMessageOverdue: false },
      ]);
    });

    it('says where its message is', async () => {
      const held = newTask({ leaseMs: 60_000 });
      const [free, published] = [await fixture.send(), await fixture.published()];
      await fixture.outbox.enqueueOne(held);
      const [standing] = await fixture.standings([held.id]);
      expect([standing?.messageDueAt === null, standing?.isMessageOverdue]).toEqual([false, false]);
      expect(await fixture.standings([free])).toMatchObject([{ isMessageOverdue: false, messageTrouble: null }]);
      expect(await fixture.standings([published])).toMatchObject([{ messageDueAt: null, isMessageOverdue: false }]);
      await fixture.outbox.postpone(held.outboxId, 60_000, 'unroutable');
      expect(await fixture.standings([held.id])).toMatchObject([{ messageTrouble: 'unroutable' }]);
      // One that is due is just being published; after a while, nobody does.
      await fixture.outbox.postpone(held.outboxId, 0, null);
      expect(await fixture.standings([held.id])).toMatchObject([{ messageTrouble: null, isMessageOverdue: false }]);
      await fixture.outbox.postpone(held.outboxId, -6000, null);
      expect(await fixture.standings([held.id])).toMatchObject([{ messageTrouble: null, isMessageOverdue: true }]);
    });

    it('says that it is retried, and why', async () => {
      const id = await fixture.claimed();
      await fixture.ann.settle(settlement(id, { state: 'RETRY', retries: 1, error: ERROR, next: LATER }));
      const facts = { state: 'RETRY', waitReason: 'scheduled', isEarly: true, retries: 1, error: ERROR, attempt: 1 };
      expect(await fixture.standings([id])).toMatchObject([facts]);
    });
  });
}

function describeOthers({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('how a task stands that was started', () => {
    it('says who runs it, whether that one lives, and what was asked of the run', async () => {
      const headers = { timelimit: [60, 30] };
      const id = await fixture.published({ message: { ...message(), envelope: { properties: {}, headers } } });
      await fixture.ann.claim([request(id)]);
      const run = {
        state: 'STARTED',
        workerName: 'ann@test',
        attempt: 1,
        timeLimits: [60, 30],
        revokeRequestedAt: null,
      };
      const [standing] = await fixture.standings([id]);
      expect(standing).toMatchObject({ ...run, isLeaseAlive: true, before: 0 });
      expect((standing?.leaseUntil ?? 0) > (standing?.at ?? 0)).toEqual(true);
      await fixture.outbox.revoke([id], { terminate: true });
      expect(await fixture.standings([id])).toMatchObject([{ isToBeTerminated: true }]);
      await fixture.ann.renewLease(0);
      expect(await fixture.standings([id])).toMatchObject([{ workerName: 'ann@test', isLeaseAlive: false }]);
    });

    it('says when its message comes again', async () => {
      const id = await fixture.claimed();
      const back = { taskId: id, generation: 0, attempt: null, message: message(), dueInMs: 60_000 };
      await fixture.bob.handBack({ ...back, waitReason: 'lease' });
      const [standing] = await fixture.standings([id]);
      expect(standing).toMatchObject({ state: 'STARTED', waitReason: 'lease', workerName: 'ann@test' });
      expect(standing?.messageDueAt).toEqual(standing?.dueAt);
    });
  });

  describe('how a task stands that has ended', () => {
    it('says whether it is a dead letter', async () => {
      const [failed, dead] = [await fixture.claimed(), await fixture.claimed()];
      const failure = { state: 'FAILURE', error: ERROR } as const;
      await fixture.ann.settle(settlement(failed, failure));
      await fixture.ann.settle(settlement(dead, { ...failure, next: { message: message(), dueInMs: 0 } }));
      expect(await fixture.standings([failed])).toMatchObject([
        { state: 'FAILURE', isDeadLettered: false, error: ERROR },
      ]);
      expect(await fixture.standings([dead])).toMatchObject([{ state: 'FAILURE', isDeadLettered: true, error: ERROR }]);
    });

    it('says when it ended, and when it expired', async () => {
      const id = await fixture.send({ expiresInMs: 60_000 });
      await fixture.outbox.revoke([id], null);
      const [standing] = await fixture.standings([id]);
      expect(standing).toMatchObject({ state: 'REVOKED', messageDueAt: null });
      expect((standing?.finishedAt ?? Infinity) < (standing?.expiresAt ?? 0)).toEqual(true);
    });
  });
}
