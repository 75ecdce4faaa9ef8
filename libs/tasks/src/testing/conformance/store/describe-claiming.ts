import { v7 as uuidv7 } from 'uuid';
import type { ClaimRequest, ClaimVerdict, WorkerStore } from '../../../store/task-store.js';
import type { TestFramework } from '../test-framework.js';
import { foreignRequest, message, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

async function verdict(store: WorkerStore, ...requests: ClaimRequest[]): Promise<ClaimVerdict[]> {
  return (await store.claim(requests)).map((answer) => answer.verdict);
}

export function describeClaiming(framework: TestFramework, fixture: StoreFixture): void {
  const { describe, it, expect } = framework;
  describe('a claim', () => {
    it('gives a task to the first who asks', async () => {
      const id = await fixture.send();
      const [answer] = await fixture.ann.claim([request(id)]);
      const numbers = { attempt: 1, retries: 0, generation: 0, deaths: 0, leaseRemainingMs: 0 };
      const interruptedAfterPointOfNoReturn = false;
      expect(answer).toEqual({ taskId: id, verdict: 'run', ...numbers, interruptedAfterPointOfNoReturn });
      expect(await fixture.under.task(id)).toMatchObject({ state: 'STARTED', attempt: 1, deaths: 0 });
      const [other] = await fixture.bob.claim([request(id)]);
      expect(other).toMatchObject({ verdict: 'leased', attempt: 1 });
      expect((other?.leaseRemainingMs ?? 0) > 0).toEqual(true);
    });

    it('gives tasks that two workers ask for in the same moment to one of them', async () => {
      const ids = await Promise.all(Array.from({ length: 50 }, () => fixture.send()));
      const [first, second] = await Promise.all([
        verdict(fixture.ann, ...ids.map((id) => request(id))),
        verdict(fixture.bob, ...ids.toReversed().map((id) => request(id))),
      ]);
      const answers = first.map((answer, index) => [answer, second.toReversed()[index]].toSorted());
      expect(answers).toEqual(ids.map(() => ['leased', 'run']));
    });

    it('is told that it comes too late: the message has another generation, or the task is done', async () => {
      const id = await fixture.send();
      expect(await verdict(fixture.ann, request(id, { generation: 1 }))).toEqual(['stale']);
      await fixture.ann.claim([request(id)]);
      await fixture.ann.settle(settlement(id));
      expect(await verdict(fixture.ann, request(id))).toEqual(['stale']);
    });

    it('is told that one of ours has no row, in the order of the requests', async () => {
      const id = await fixture.send();
      const answers = await verdict(fixture.ann, request(uuidv7()), request(id), request(uuidv7()));
      expect(answers).toEqual(['missing', 'run', 'missing']);
    });

    it('ends what has expired', async () => {
      const id = await fixture.send({ expiresAt: new Date(0) });
      expect(await verdict(fixture.ann, request(id))).toEqual(['expired']);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'REVOKED', workerId: null, attempt: 0 });
      expect((await fixture.under.task(id))?.finishedAt === null).toEqual(false);
    });

    it('gives a task again to the worker that holds it and does not know: its answer was lost', async () => {
      const id = await fixture.claimed();
      expect(await verdict(fixture.ann, request(id, { isRunning: true }))).toEqual(['leased']);
      expect(await fixture.ann.claim([request(id)])).toMatchObject([{ verdict: 'run', attempt: 2, deaths: 0 }]);
      expect(await fixture.ann.settle(settlement(id, { attempt: 2 }))).toEqual(true);
    });
  });

  describeTakeovers(framework, fixture);
  describeForeignClaims(framework, fixture);
}

function describeTakeovers({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('a claim of what a dead worker held', () => {
    it('takes it over, and counts the death', async () => {
      const id = await fixture.claimed();
      await fixture.ann.renewLease(0);
      const [answer] = await fixture.bob.claim([request(id)]);
      expect(answer).toMatchObject({ verdict: 'run', attempt: 2, deaths: 1, leaseRemainingMs: 0 });
      expect(answer).toMatchObject({ interruptedAfterPointOfNoReturn: false });
      expect(await fixture.under.attempts(id)).toMatchObject([
        { number: 1, workerName: 'ann@test', outcome: 'WORKER_LOST', error: null },
      ]);
    });

    it('is told that the effect may have happened', async () => {
      const id = await fixture.claimed();
      expect(await fixture.ann.passPointOfNoReturn({ taskId: id, attempt: 1 })).toEqual(true);
      await fixture.ann.renewLease(0);
      const interrupted = { attempt: 2, interruptedAfterPointOfNoReturn: true };
      expect(await fixture.bob.claim([request(id)])).toMatchObject([interrupted]);
    });

    it('is still told so when the one who took over died as well, or gave the task back', async () => {
      const id = await fixture.claimed();
      const interruptedAfterPointOfNoReturn = true;
      await fixture.ann.passPointOfNoReturn({ taskId: id, attempt: 1 });
      await fixture.ann.renewLease(0);
      expect(await fixture.bob.claim([request(id)])).toMatchObject([{ interruptedAfterPointOfNoReturn }]);
      await fixture.bob.renewLease(0);
      const cid = await fixture.hire('cid');
      expect(await cid.claim([request(id)])).toMatchObject([{ attempt: 3, interruptedAfterPointOfNoReturn }]);
      const back = { taskId: id, generation: 0, attempt: 3, message: message(), dueInMs: 0, waitReason: null };
      expect(await cid.handBack(back)).toEqual(true);
      const [answer] = await cid.claim([request(id, { generation: 1 })]);
      expect(answer).toMatchObject({ interruptedAfterPointOfNoReturn });
    });

    it('lets nobody pass the point of no return who does not hold the task', async () => {
      const id = await fixture.claimed();
      await fixture.ann.renewLease(0);
      await fixture.bob.claim([request(id)]);
      expect(await fixture.ann.passPointOfNoReturn({ taskId: id, attempt: 1 })).toEqual(false);
      expect(await fixture.bob.passPointOfNoReturn({ taskId: id, attempt: 2 })).toEqual(true);
    });

    it('gives it up when three workers have died of it', async () => {
      const id = await fixture.send();
      const answers: string[] = [];
      for (const name of ['one', 'two', 'three', 'four', 'five']) {
        const doomed = await fixture.hire(name);
        answers.push(...(await verdict(doomed, request(id))));
        await doomed.renewLease(0);
        await doomed.close();
      }
      expect(answers).toEqual(['run', 'run', 'run', 'lost', 'stale']);
      const error = { type: 'WorkerLostError', stack: null };
      expect(await fixture.under.task(id)).toMatchObject({ state: 'FAILURE', deaths: 3, workerId: null, error });
    });

    it('gives it up at once when it may not be run again', async () => {
      const id = await fixture.claimed();
      await fixture.ann.renewLease(0);
      expect(await verdict(fixture.bob, request(id, { mayRunAgain: false }))).toEqual(['lost']);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'FAILURE', deaths: 1 });
    });

    it('is not made by forgetting workers that died lately', async () => {
      const id = await fixture.claimed();
      await fixture.ann.renewLease(0);
      await fixture.bob.forgetOld();
      await fixture.bob.claim([request(id)]);
      expect(await fixture.under.attempts(id)).toMatchObject([{ workerName: 'ann@test' }]);
    });
  });
}

function describeForeignClaims({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('a claim for a foreign message', () => {
    it('makes the row', async () => {
      expect(await verdict(fixture.ann, foreignRequest('python-1', { retries: 2 }))).toEqual(['run']);
      const row = { name: 'test.task', state: 'STARTED', attempt: 1, generation: 0, retries: 2, queue: 'mail' };
      expect(await fixture.under.task('python-1')).toMatchObject(row);
    });

    it('goes to one of two who ask in the same moment', async () => {
      const ids = Array.from({ length: 20 }, (_, n) => `python-${n}`);
      const [anns, bobs] = await Promise.all([
        verdict(fixture.ann, ...ids.map((id) => foreignRequest(id))),
        verdict(fixture.bob, ...ids.map((id) => foreignRequest(id))),
      ]);
      for (const index of ids.keys()) {
        const [winner, loser] = [anns[index], bobs[index]].toSorted().toReversed();
        expect(winner).toEqual('run');
        expect(loser === 'leased' || loser === 'again').toEqual(true);
      }
    });

    it('is fenced by its retries', async () => {
      await fixture.ann.claim([foreignRequest('python-1')]);
      const next = { message: message({ retries: 1 }), dueInMs: 0 };
      await fixture.ann.settle(settlement('python-1', { state: 'RETRY', retries: 1, next }));
      const answers = await verdict(fixture.bob, foreignRequest('python-1'), foreignRequest('python-2'));
      expect(answers).toEqual(['stale', 'run']);
    });

    it('ends what has expired', async () => {
      const { foreign } = foreignRequest('python-1');
      const expired = foreign && { ...foreign, expiresAt: new Date(0) };
      expect(await verdict(fixture.ann, foreignRequest('python-1', { foreign: expired }))).toEqual(['expired']);
      expect(await fixture.under.task('python-1')).toMatchObject({ state: 'REVOKED' });
    });
  });
}
