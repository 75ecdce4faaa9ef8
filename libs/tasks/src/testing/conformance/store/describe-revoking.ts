import { v7 as uuidv7 } from 'uuid';
import type { ClaimRequest, RoutedMessage } from '../../../store/task-store.js';
import type { TestFramework } from '../test-framework.js';
import { foreignRequest, message, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const DAY_SECONDS = 86_400;

export function describeRevoking(framework: TestFramework, fixture: StoreFixture): void {
  const { describe, it, expect } = framework;

  async function revoke(...ids: string[]): Promise<unknown[]> {
    const outcomes = await fixture.outbox.revoke(ids, { terminate: false });
    return ids.map((id) => outcomes.get(id));
  }

  async function verdicts(...requests: ClaimRequest[]): Promise<string[]> {
    return (await fixture.ann.claim(requests)).map(({ verdict }) => verdict);
  }

  describe('a revoke', () => {
    it('says what became of each task, and is remembered of those alone that have not ended', async () => {
      const [waiting, running, ended] = [await fixture.send(), await fixture.claimed(), await fixture.claimed()];
      await fixture.ann.settle(settlement(ended));
      const outcomes = ['revoked', 'running', 'ended', 'unknown', 'unknown'];
      expect(await revoke(waiting, running, ended, 'later', 'later')).toEqual(outcomes);
      const remembered = await fixture.ann.findRevoked([waiting, running, ended, 'later']);
      expect(remembered.map(({ taskId }) => taskId).toSorted()).toEqual([running, 'later'].toSorted());
      const task = await fixture.under.task(waiting);
      expect([task?.state, task?.finishedAt === null]).toEqual(['REVOKED', false]);
      expect(await fixture.waitingIds()).toEqual([]);
      expect(await verdicts(request(waiting))).toEqual(['stale']);
      expect(await revoke(waiting)).toEqual(['ended']);
    });

    it('of what waits alone is not remembered', async () => {
      const [waiting, running] = [await fixture.send(), await fixture.claimed()];
      const outcomes = await fixture.outbox.revoke([waiting, running, 'later'], null);
      expect([...outcomes.values()].toSorted()).toEqual(['revoked', 'running', 'unknown']);
      expect(await fixture.ann.findRevoked([waiting, running, 'later'])).toEqual([]);
    });

    it('ends a task for others while it has not gone to them, and says that they are not told afterwards', async () => {
      const [waiting, gone] = [await fixture.send({ isElsewhere: true }), await fixture.send({ isElsewhere: true })];
      for (const { taskId, outboxId } of await fixture.outbox.takeDue(10, 1000)) {
        if (taskId === gone) await fixture.outbox.published(outboxId);
      }
      expect(await revoke(waiting, gone)).toEqual(['revoked', 'elsewhere']);
      expect(await fixture.under.task(gone)).toMatchObject({ state: 'PENDING' });
      // If it is a worker of ours after all, it hears of it.
      expect(await verdicts(request(gone))).toEqual(['revoked']);
    });

    it('holds for a task of ours and for a foreign one that come later', async () => {
      const [id, python] = [uuidv7(), 'python-1'];
      await revoke(id, python);
      await fixture.send({ id });
      expect(await verdicts(request(id), foreignRequest(python))).toEqual(['revoked', 'revoked']);
      for (const task of [await fixture.under.task(id), await fixture.under.task(python)]) {
        expect(task).toMatchObject({ state: 'REVOKED', attempt: 0, workerId: null });
        expect(task?.finishedAt === null).toEqual(false);
      }
      expect(await verdicts(request(id), foreignRequest(python))).toEqual(['stale', 'stale']);
    });

    it('ends a retry that was written after it', async () => {
      const id = await fixture.claimed();
      expect(await revoke(id)).toEqual(['running']);
      const next = { message: message(), dueInMs: 0 };
      await fixture.ann.settle(settlement(id, { state: 'RETRY', retries: 1, next }));
      expect(await verdicts(request(id, { generation: 1, retries: 1 }))).toEqual(['revoked']);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'REVOKED' });
    });

    it("ends a dead worker's task instead of its being taken over, and keeps what is known of the run", async () => {
      const id = await fixture.send();
      await fixture.bob.claim([request(id)]);
      await fixture.bob.passPointOfNoReturn({ taskId: id, attempt: 1 });
      expect(await revoke(id)).toEqual(['running']);
      expect(await verdicts(request(id))).toEqual(['leased']);
      await fixture.bob.renewLease(0);
      expect(await verdicts(request(id))).toEqual(['revoked']);
      const [attempt] = await fixture.under.attempts(id);
      expect([attempt?.outcome, attempt?.pointOfNoReturnAt === null]).toEqual(['WORKER_LOST', false]);
    });

    it('is found by the worker that runs the task; that it is to be ended at once is not taken back', async () => {
      const [first, second] = [await fixture.claimed(), await fixture.claimed()];
      expect(await fixture.ann.findRevoked([first, second])).toEqual([]);
      await revoke(first);
      expect(await fixture.ann.findRevoked([first, second])).toEqual([{ taskId: first, terminate: false }]);
      await fixture.outbox.revoke([first], { terminate: true });
      await revoke(first);
      expect(await fixture.ann.findRevoked([first, second])).toEqual([{ taskId: first, terminate: true }]);
    });

    it('that meets a claim in the same moment ends the task, or is found by the run', async () => {
      const ids = await Promise.all(Array.from({ length: 60 }, () => fixture.send()));
      const [answers, outcomes] = await Promise.all([
        fixture.ann.claim(ids.map((id) => request(id))),
        fixture.outbox.revoke(ids.toReversed(), { terminate: false }),
      ]);
      const found = new Set((await fixture.ann.findRevoked(ids)).map(({ taskId }) => taskId));
      for (const { taskId, verdict } of answers) {
        const expected = verdict === 'run' ? ['run', 'running', true] : ['stale', 'revoked', false];
        expect([verdict, outcomes.get(taskId), found.has(taskId)]).toEqual(expected);
      }
    });

    it('is forgotten after 30 days', async () => {
      await revoke('old');
      await fixture.under.pass(2 * DAY_SECONDS);
      await revoke('young');
      await fixture.under.pass(29 * DAY_SECONDS);
      await fixture.ann.forgetOld();
      expect(await fixture.ann.findRevoked(['young', 'old'])).toEqual([{ taskId: 'young', terminate: false }]);
    });
  });

  describeAnswers(framework, fixture);
}

function describeAnswers({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  function replyingTo(properties: object): RoutedMessage {
    const { envelope, ...rest } = message();
    return { ...rest, envelope: { ...envelope, properties } };
  }

  describe('who waits for the result of a task that is revoked while it waits', () => {
    it('is told', async () => {
      const waiters = [{ replyTo: 'client', correlationId: 'c' }, { replyTo: 'a\0b' }, {}];
      const ids: string[] = [];
      for (const properties of waiters) ids.push(await fixture.send({ message: replyingTo(properties) }));
      await fixture.outbox.revoke(ids, null);
      const [letter, ...others] = await fixture.outbox.takeDue(10, 1000);
      expect(letter).toMatchObject({ exchange: '', routingKey: 'client', mandatory: false, taskId: null });
      expect(letter?.envelope.properties.correlationId).toEqual('c');
      expect(JSON.parse(letter?.body.toString() ?? '')).toMatchObject({ task_id: ids[0], status: 'REVOKED' });
      expect(others).toEqual([]);
    });
  });
}
