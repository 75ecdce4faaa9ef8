import type { EntityManager } from 'typeorm';
import type { TaskEnd } from '../../../store/task-end.js';
import type {
  ClaimAnswer,
  FollowUps,
  Letter,
  NewTask,
  OutboxMessage,
  Settlement,
  SettlementRows,
  SettlementWriter,
} from '../../../store/task-store.js';
import type { TestFramework } from '../test-framework.js';
import { foreignRequest, message, newTask, request, settlement } from './builders.js';
import type { StoreFixture } from './store-fixture.js';

function letter(routingKey: string): Letter {
  return { message: { ...message(), exchange: '', routingKey }, mandatory: false };
}

export function describeFollowUps(framework: TestFramework, fixture: StoreFixture): void {
  const { describe, it, expect } = framework;

  /** What a relay of another process finds, by routing key. */
  async function due(): Promise<Map<string, OutboxMessage>> {
    const messages = await fixture.outbox.takeDue(100, 60_000);
    return new Map(messages.map((each) => [each.routingKey, each]));
  }

  describe('what follows from the end of a task', () => {
    it('is written with the outcome: a row and a message for a task of ours, a message for all else', async () => {
      const id = await fixture.claimed();
      const next = newTask();
      const followUps = { tasks: [next], letters: [letter('client')] };
      expect(await fixture.ann.settle(settlement(id, { followUps }))).toEqual(true);
      expect(await fixture.under.task(id)).toMatchObject({ state: 'SUCCESS' });
      expect(await fixture.under.task(next.id)).toMatchObject({ state: 'PENDING' });
      // Whoever settled may be gone by now: all that it leaves is in the outbox, and due.
      const messages = await due();
      expect(messages.get('mail')).toMatchObject({ taskId: next.id, generation: 0, mandatory: true });
      const free = { taskId: null, generation: null, mandatory: false, exchange: '' };
      expect(messages.get('client')).toMatchObject(free);
      expect(await fixture.bob.claim([request(next.id)])).toMatchObject([{ verdict: 'run' }]);
    });

    it('is not written twice', async () => {
      const next = newTask();
      const followUps = { tasks: [next], letters: [letter('client')] };
      const once = settlement(await fixture.claimed(), { followUps });
      expect([await fixture.ann.settle(once), await fixture.ann.settle(once)]).toEqual([true, false]);
      expect((await fixture.waitingIds()).toSorted()).toEqual([next.id, null].toSorted());
    });

    it('is not written for a claim that is no longer held', async () => {
      const [lost, held] = [await fixture.claimed(), await fixture.claimed()];
      await fixture.ann.renewLease(0);
      await fixture.bob.claim([request(lost)]);
      const followUps = (key: string): FollowUps => ({ tasks: [], letters: [letter(key)] });
      const settled = [lost, held].map((id) => fixture.ann.settle(settlement(id, { followUps: followUps(id) })));
      expect(await Promise.all(settled)).toEqual([false, true]);
      expect([...(await due()).keys()]).toEqual([held]);
    });

    it('leaves a task alone that is there already', async () => {
      const [id, known] = [await fixture.claimed(), await fixture.claimed()];
      await fixture.ann.settle(settlement(id, { followUps: { tasks: [newTask({ id: known })], letters: [] } }));
      expect(await fixture.under.task(known)).toMatchObject({ state: 'STARTED' });
      expect(await fixture.waitingIds()).toEqual([]);
    });

    it('has a task once that is asked for twice', async () => {
      const [one, other] = [await fixture.claimed(), await fixture.claimed()];
      const chosen = (name: string): NewTask => newTask({ id: 'chosen', name });
      const settled = [
        fixture.ann.settle(settlement(one, { followUps: { tasks: [chosen('a'), chosen('b')], letters: [] } })),
        fixture.ann.settle(settlement(other, { followUps: { tasks: [chosen('c')], letters: [] } })),
      ];
      expect(await Promise.all(settled)).toEqual([true, true]);
      expect(await fixture.under.task('chosen')).toMatchObject({ name: 'a' });
      expect(await fixture.waitingIds()).toEqual(['chosen']);
    });

    it('is told to who looks after the outbox, as is a retry that is due at once, and nothing else', async () => {
      const told: string[] = [];
      let what = '';
      const cid = await fixture.hire('cid', { onOutbox: () => told.push(what) });
      const next = (dueInMs: number) => ({ message: message(), dueInMs });
      const outcomes: Array<[name: string, change: Partial<Settlement>]> = [
        ['nothing', {}],
        ['a retry later', { state: 'RETRY', next: next(1) }],
        ['a retry at once', { state: 'RETRY', next: next(0) }],
        ['a letter', { followUps: { tasks: [], letters: [letter('client')] } }],
      ];
      for (const [name, change] of outcomes) {
        const id = await fixture.published();
        await cid.claim([request(id)]);
        what = name;
        await cid.settle(settlement(id, change));
      }
      expect(told).toEqual(['a retry at once', 'a letter']);
    });
  });

  describe('what the app writes of the end of a task', () => {
    it('is asked for in the transaction that ends it, after the rows of its run', async () => {
      const [one, other] = [await fixture.claimed(), await fixture.claimed()];
      const written: unknown[] = [];
      const rows = (what: string, id: string): SettlementRows => ({
        writer: writers[what] as SettlementWriter,
        data: id,
      });
      const write = (what: string) => async (manager: EntityManager, ids: unknown[]) => {
        written.push(...ids.map((id) => `${what} ${String(id)}`));
        if (what === 'end') await fixture.outbox.addLetters([letter('told')], manager);
      };
      const writers: Record<string, SettlementWriter> = { run: { write: write('run') }, end: { write: write('end') } };
      for (const id of [one, other]) {
        const followUps = { tasks: [], letters: [], rows: rows('end', id) };
        expect(await fixture.ann.settle(settlement(id, { rows: rows('run', id), followUps }))).toEqual(true);
      }
      expect(written).toEqual([`run ${one}`, `end ${one}`, `run ${other}`, `end ${other}`]);
      expect((await fixture.outbox.takeDue(10, 60_000)).map(({ routingKey }) => routingKey)).toEqual(['told', 'told']);
    });

    it('is not asked for when the claim is no longer held', async () => {
      const id = await fixture.claimed();
      await fixture.ann.renewLease(0);
      await fixture.bob.claim([request(id)]);
      const rows = { writer: { write: () => Promise.reject(new Error('nobody has ended it')) }, data: id };
      expect(await fixture.ann.settle(settlement(id, { followUps: { tasks: [], letters: [], rows } }))).toEqual(false);
    });

    it('is asked for when a claim ends it', async () => {
      const written: unknown[] = [];
      const writer = { write: async (_manager: EntityManager, ends: unknown[]) => void written.push(...ends) };
      const id = await fixture.claimed();
      await fixture.ann.renewLease(0);
      const impatient = await fixture.hire('impatient', { maxDeaths: 1 });
      const followUpsOf = ({ verdict }: ClaimAnswer): FollowUps => ({
        tasks: [],
        letters: [],
        rows: { writer, data: verdict },
      });
      await impatient.claim([request(id, { followUpsOf })]);
      expect(written).toEqual(['lost']);
    });

    it('is asked for when a revoke ends it, with its name and its input', async () => {
      const written: TaskEnd[] = [];
      const writer: SettlementWriter<TaskEnd> = {
        write: async (_manager, ends) => void written.push(...ends),
      };
      const headers = { id: 'a', lang: 'js', task: 'test.watched', retries: 0 };
      const sent = { ...message(headers), body: Buffer.from('[[],{"x":1},{}]') };
      const watched = await fixture.send({ name: 'test.watched', message: sent });
      const [other, running] = [await fixture.send(), await fixture.claimed()];
      const writers = new Map([['test.watched', writer as SettlementWriter]]);
      await fixture.outbox.revoke([watched, other, running, 'unknown'], null, writers);
      await fixture.outbox.revoke([watched], null, writers);
      expect(written).toEqual([{ taskId: watched, name: 'test.watched', state: 'REVOKED', kwargs: { x: 1 } }]);
    });
  });

  describe('what follows when a claim ends a task', () => {
    const followUpsOf = ({ verdict }: ClaimAnswer): FollowUps | null =>
      verdict === 'run' ? null : { tasks: [], letters: [letter(verdict)] };

    it('is written with that: an expired task', async () => {
      const { foreign } = foreignRequest('python');
      const expired = foreign && { ...foreign, expiresAt: new Date(0) };
      await fixture.ann.claim([foreignRequest('python', { foreign: expired, followUpsOf })]);
      expect([...(await due()).keys()]).toEqual(['expired']);
    });

    it('is written with that: a task whose worker was lost', async () => {
      const id = await fixture.claimed();
      await fixture.ann.renewLease(0);
      const answers: ClaimAnswer[] = [];
      const watched = (answer: ClaimAnswer): FollowUps | null => {
        answers.push(answer);
        return followUpsOf(answer);
      };
      const impatient = await fixture.hire('impatient', { maxDeaths: 1 });
      await impatient.claim([request(id, { followUpsOf: watched })]);
      expect(answers).toMatchObject([{ taskId: id, verdict: 'lost', deaths: 1 }]);
      expect([...(await due()).keys()]).toEqual(['lost']);
    });

    it('is nothing for one that is run', async () => {
      await fixture.ann.claim([foreignRequest('a', { followUpsOf }), foreignRequest('b')]);
      expect(await fixture.waitingIds()).toEqual([]);
    });
  });
}
