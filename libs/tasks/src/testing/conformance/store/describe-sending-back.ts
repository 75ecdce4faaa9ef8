import { createHash } from 'node:crypto';
import type { ReturnedLetter } from '../../../store/dead-letter-store.js';
import type { TestFramework } from '../test-framework.js';
import { foreignRequest, message, newTask, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

const HOUR = 3600;
const BROKEN = { type: 'E', message: 'broken', stack: null };

/** A dead letter of a task's message, on its way back. */
function letterOf(id: string, generation: number | null = 0, change: Partial<ReturnedLetter> = {}): ReturnedLetter {
  return { message: message({ id, back: true }), task: { id, generation, retries: 0 }, unique: null, ...change };
}

export function describeSendingBack(framework: TestFramework, fixture: StoreFixture): void {
  describeTasks(framework, fixture);
  describeOthers(framework, fixture);
  describeKeys(framework, fixture);
}

/** Ends the task, in its first run, as one whose message is a dead letter. */
async function failed(fixture: StoreFixture, id: string): Promise<string> {
  await fixture.ann.claim([request(id)]);
  await fixture.ann.settle(settlement(id, { state: 'FAILURE', error: BROKEN }));
  return id;
}

function describeTasks({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  const sendBack = (...letters: ReturnedLetter[]) => fixture.outbox.sendBack(letters);

  describe('sending back the dead letter of a task', () => {
    it('has it begin anew under its next generation, with its attempts', async () => {
      const id = await failed(fixture, await fixture.published());
      const letter = letterOf(id);
      expect(await sendBack(letter)).toEqual(['sent']);
      const { exchange, routingKey, envelope, body } = letter.message;
      expect(await fixture.under.task(id)).toMatchObject({
        state: 'PENDING',
        generation: 1,
        retries: 0,
        deaths: 0,
        error: null,
        finishedAt: null,
        waitReason: null,
        exchange,
        routingKey,
        envelope,
        body,
      });
      expect(await fixture.outbox.takeDue(10, 1000)).toMatchObject([{ ...letter.message, taskId: id, generation: 1 }]);
      const [answer] = await fixture.bob.claim([request(id, { generation: 1 })]);
      expect(answer).toMatchObject({ verdict: 'run', attempt: 2, retries: 0 });
      expect(await fixture.under.attempts(id)).toMatchObject([{ number: 1, outcome: 'FAILURE' }]);
    });

    it('makes it a dead letter no more', async () => {
      const id = await fixture.claimed();
      const letter = { message: message(), dueInMs: 0 };
      await fixture.ann.settle(settlement(id, { state: 'FAILURE', error: BROKEN, next: letter }));
      expect(await fixture.under.task(id)).toMatchObject({ isDeadLettered: true });
      expect(await sendBack(letterOf(id))).toEqual(['sent']);
      expect(await fixture.under.task(id)).toMatchObject({ isDeadLettered: false });
    });

    it('does so once: a second time, and for a double of the letter, it is stale', async () => {
      const id = await failed(fixture, await fixture.published());
      expect(await sendBack(letterOf(id), letterOf(id))).toEqual(['sent', 'stale']);
      expect(await sendBack(letterOf(id))).toEqual(['stale']);
      expect(await fixture.waitingIds()).toEqual([id]);
    });

    it('sends the newest of its letters, whatever older ones are there', async () => {
      const id = await failed(fixture, await fixture.published());
      await sendBack(letterOf(id));
      await fixture.ann.claim([request(id, { generation: 1 })]);
      await fixture.ann.settle(settlement(id, { attempt: 2, state: 'FAILURE', error: BROKEN }));
      expect(await sendBack(letterOf(id, 0), letterOf(id, 1))).toEqual(['stale', 'sent']);
      expect(await fixture.under.task(id)).toMatchObject({ generation: 2 });
    });

    it('sends one that has not ended and has lost its message so', async () => {
      const id = await fixture.published();
      expect(await sendBack(letterOf(id))).toEqual(['sent']);
      expect(await fixture.bob.claim([request(id)])).toMatchObject([{ verdict: 'stale' }]);
      expect(await fixture.bob.claim([request(id, { generation: 1 })])).toMatchObject([{ verdict: 'run' }]);
    });

    it('leaves one alone that runs, or has succeeded', async () => {
      const [running, done] = [await fixture.claimed(), await fixture.claimed()];
      await fixture.ann.settle(settlement(done));
      expect(await sendBack(letterOf(running), letterOf(done))).toEqual(['stale', 'stale']);
      expect(await fixture.under.task(done)).toMatchObject({ state: 'SUCCESS', generation: 0 });
      expect(await fixture.waitingIds()).toEqual([]);
    });

    it('leaves one alone that was revoked, or has expired', async () => {
      const [waiting, ended] = [await fixture.published(), await failed(fixture, await fixture.published())];
      await fixture.outbox.revoke([waiting, ended], { terminate: false });
      const expired = await failed(fixture, await fixture.published({ expiresInMs: 60_000 }));
      await fixture.under.pass(HOUR);
      expect(await sendBack(letterOf(waiting), letterOf(expired))).toEqual(['revoked', 'expired']);
      expect(await fixture.under.task(expired)).toMatchObject({ state: 'FAILURE', error: BROKEN });
    });

    it('tells those of another producer apart by their retries', async () => {
      await fixture.ann.claim([foreignRequest('py', { retries: 2 })]);
      await fixture.ann.settle(settlement('py', { state: 'FAILURE', retries: 2, error: BROKEN }));
      const task = { id: 'py', generation: null, retries: 1 };
      expect(await sendBack(letterOf('py', null, { task }))).toEqual(['stale']);
      expect(await sendBack(letterOf('py', null, { task: { ...task, retries: 2 } }))).toEqual(['sent']);
      expect(await fixture.under.task('py')).toMatchObject({ state: 'PENDING', generation: 1, retries: 0 });
    });

    it('has one that other workers run settled by them again', async () => {
      const id = await fixture.published({ isElsewhere: true });
      const said = { taskId: id, result: null, error: null, progress: null };
      await fixture.outbox.settleForeign([{ ...said, state: 'FAILURE', error: BROKEN }]);
      expect(await sendBack(letterOf(id))).toEqual(['sent']);
      await fixture.outbox.settleForeign([{ ...said, state: 'SUCCESS', result: 5 }]);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'SUCCESS', result: 5, error: null });
    });

    it('is found by the reconciler when its message is lost again, however old it is', async () => {
      const id = await failed(fixture, await fixture.published());
      await fixture.under.pass(5 * HOUR);
      await fixture.published();
      // It looks at nothing that is older than this from here on.
      await fixture.outbox.reconcile(['mail'], 0);
      await sendBack(letterOf(id));
      for (const { outboxId } of await fixture.outbox.takeDue(100, 1000)) await fixture.outbox.published(outboxId);
      await fixture.under.pass(1);
      await fixture.outbox.reconcile(['mail'], 0);
      expect((await fixture.waitingIds()).includes(id)).toEqual(true);
    });
  });
}

function describeOthers({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  describe('sending back a dead letter', () => {
    it('of no task sends its message, and makes no row', async () => {
      const letter = { message: message({ text: 'what?' }), task: null, unique: null };
      expect(await fixture.outbox.sendBack([letter])).toEqual(['sent']);
      const sent = { ...letter.message, taskId: null, generation: null };
      expect(await fixture.outbox.takeDue(10, 1000)).toMatchObject([sent]);
    });

    it('of a task without a row leaves it to the claim to make one', async () => {
      expect(await fixture.outbox.sendBack([letterOf('forgotten', 7)])).toEqual(['sent']);
      expect(await fixture.under.messages()).toMatchObject([{ taskId: null, generation: null }]);
      expect(await fixture.under.task('forgotten')).toEqual(undefined);
    });

    it('of many says what became of each, in their order', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => fixture.published()));
      const [done = ''] = ids;
      await fixture.ann.claim([request(done)]);
      await fixture.ann.settle(settlement(done));
      const verdicts = await fixture.outbox.sendBack(ids.toReversed().map((id) => letterOf(id)));
      expect(verdicts).toEqual([...Array.from({ length: 19 }, () => 'sent'), 'stale']);
      expect((await fixture.waitingIds()).toSorted()).toEqual(ids.slice(1).toSorted());
    });
  });
}

function describeKeys({ describe, it, expect }: TestFramework, fixture: StoreFixture): void {
  const unique = { key: createHash('sha256').update('a').digest(), forMs: HOUR * 1000, endStates: [] };
  const sent = () => fixture.published({ unique });

  describe('sending back the dead letter of a unique task', () => {
    it('has it hold its key again', async () => {
      const id = await failed(fixture, await sent());
      await fixture.under.pass(2 * HOUR);
      expect(await fixture.outbox.sendBack([letterOf(id, 0, { unique })])).toEqual(['sent']);
      expect(await fixture.outbox.enqueueOne(newTask({ unique }))).toEqual({ id, isNew: false });
    });

    it('does not send it while another task holds the key', async () => {
      const id = await failed(fixture, await sent());
      const other = await sent();
      const letter = letterOf(id, 0, { unique });
      expect(await fixture.outbox.sendBack([letter])).toEqual(['duplicate']);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'FAILURE', generation: 0 });
      await failed(fixture, other);
      expect(await fixture.outbox.sendBack([letter])).toEqual(['sent']);
    });

    it('sends one of several with the same key', async () => {
      const [one, other] = [await failed(fixture, await sent()), await failed(fixture, await sent())];
      const letters = [one, other].map((id) => letterOf(id, 0, { unique }));
      expect(await fixture.outbox.sendBack(letters)).toEqual(['sent', 'duplicate']);
    });
  });
}
