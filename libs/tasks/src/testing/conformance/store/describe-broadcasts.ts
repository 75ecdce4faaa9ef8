import { broadcastQueue } from '../../../broker/broadcast-topology.js';
import type { TestFramework } from '../test-framework.js';
import { foreignRequest, message, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const AWAY_MS = 30 * 60_000;
const ANNS_QUEUE = broadcastQueue('mail', 'ann@test');

/** A worker's run of a broadcast: made by its claim, with a route to the worker's own queue. */
async function claimed(fixture: StoreFixture, id: string, name = 'ann'): Promise<string> {
  const { foreign, ...rest } = foreignRequest(id);
  const own = { ...message(), exchange: '', routingKey: broadcastQueue('mail', `${name}@test`) };
  const store = name === 'ann' ? fixture.ann : fixture.bob;
  await store.claim([{ ...rest, foreign: foreign && { ...foreign, message: own } }]);
  return id;
}

export function describeBroadcasts({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('of broadcasts', () => {
    it('knows the workers of a queue whose lease lives', async () => {
      expect(await fixture.outbox.liveWorkers('mail')).toEqual(['ann@test', 'bob@test']);
      expect(await fixture.outbox.liveWorkers('other')).toEqual([]);
      await fixture.ann.renewLease(0);
      await fixture.hire('bob');
      expect(await fixture.outbox.liveWorkers('mail')).toEqual(['bob@test']);
    });

    it('brings a lost run back for the queue that its worker has for itself, and not for the task queue', async () => {
      const id = await claimed(fixture, 'lost');
      await fixture.ann.renewLease(0);
      await fixture.under.pass(60);
      expect(await fixture.outbox.reconcile(['mail'], 0)).toEqual(0);
      expect(await fixture.outbox.reconcile([ANNS_QUEUE], 0)).toEqual(1);
      const messages = await fixture.under.messages();
      expect(
        messages.map(({ taskId, exchange, routingKey, generation }) => [taskId, exchange, routingKey, generation]),
      ).toEqual([[id, '', ANNS_QUEUE, 1]]);
    });

    it('ends the runs of a worker that has been away for too long, with the message of a retry', async () => {
      const running = await claimed(fixture, 'running');
      const retried = await claimed(fixture, 'retried');
      const next = { message: { ...message(), exchange: '', routingKey: ANNS_QUEUE }, dueInMs: 0 };
      await fixture.ann.settle(settlement(retried, { state: 'RETRY', retries: 1, next }));
      const bobs = await claimed(fixture, 'bobs', 'bob');
      await fixture.ann.renewLease(0);
      await fixture.under.pass(29 * 60);
      expect(await fixture.outbox.endAbandoned(AWAY_MS)).toEqual(0);
      await fixture.under.pass(2 * 60);
      expect(await fixture.outbox.endAbandoned(AWAY_MS)).toEqual(2);
      for (const id of [running, retried]) {
        expect(await fixture.under.task(id)).toMatchObject({
          state: 'FAILURE',
          error: { type: 'WorkerLostError', message: 'Its worker has not come back: ann@test', stack: null },
        });
      }
      expect(await fixture.under.attempts(running)).toMatchObject([{ outcome: 'WORKER_LOST', workerName: 'ann@test' }]);
      expect(await fixture.under.attempts(retried)).toMatchObject([{ outcome: 'RETRY' }]);
      expect(await fixture.waitingIds()).toEqual([]);
      expect(await fixture.under.task(bobs)).toMatchObject({ state: 'STARTED' });
    });

    it('leaves the runs of a worker that came back, and what has ended, as they are', async () => {
      const done = await claimed(fixture, 'done');
      await fixture.ann.settle(settlement(done));
      const running = await claimed(fixture, 'running');
      await fixture.ann.renewLease(0);
      await fixture.under.pass(40 * 60);
      await fixture.hire('ann');
      expect(await fixture.outbox.endAbandoned(AWAY_MS)).toEqual(0);
      expect(await fixture.under.task(running)).toMatchObject({ state: 'STARTED' });
    });
  });
}
