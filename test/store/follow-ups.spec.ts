import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import type { ClaimAnswer, FollowUps, Letter, NewTask, OutboxMessage } from '../../libs/tasks/src/store/task-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { claimNew, foreignRequest, message, newTask, request, settlement, worker } from './builders.js';

function letter(routingKey: string): Letter {
  return { message: { ...message(), exchange: '', routingKey }, mandatory: false };
}

describe('what follows from the end of a task', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;
  let ann: PostgresWorkerStore;
  let bob: PostgresWorkerStore;
  const onOutbox = jest.fn<() => void>();

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker');
    onOutbox.mockReset();
    outbox = new PostgresOutboxStore(database.dataSource);
    ann = new PostgresWorkerStore(database.dataSource, worker('ann'), { onOutbox });
    bob = new PostgresWorkerStore(database.dataSource, worker('bob'), { maxDeaths: 1 });
    await Promise.all([ann.renewLease(60_000), bob.renewLease(60_000)]);
  });

  afterEach(async () => {
    await Promise.all([outbox.close(), ann.close(), bob.close()]);
  });

  afterAll(() => database.drop());

  const claimed = (count: number): Promise<string[]> => claimNew(count, outbox, ann);

  async function query<Row>(sql: string): Promise<Row[]> {
    return (await database.dataSource.query(sql)) as Row[];
  }

  /** What a relay of another process finds, by routing key. */
  async function due(): Promise<Map<string, OutboxMessage>> {
    const messages = await outbox.takeDue(100, 60_000);
    return new Map(messages.map((each) => [each.routingKey, each]));
  }

  it('is written with the outcome: a row and a message for a task of ours, a message for all else', async () => {
    const [id] = (await claimed(1)) as [string];
    const next = newTask();
    expect(await ann.settle(settlement(id, { followUps: { tasks: [next], letters: [letter('client')] } }))).toBe(true);
    expect(await query(`SELECT id, state FROM task ORDER BY created_at, id`)).toEqual([
      { id, state: 'SUCCESS' },
      { id: next.id, state: 'PENDING' },
    ]);
    // Whoever settled may be gone by now: all that it leaves is in the outbox, and due.
    const messages = await due();
    expect(messages.get('mail')).toMatchObject({ taskId: next.id, generation: 0, mandatory: true });
    expect(messages.get('client')).toMatchObject({ taskId: null, generation: null, mandatory: false, exchange: '' });
    expect(onOutbox).toHaveBeenCalledTimes(1);
    expect(await bob.claim([request(next.id)])).toMatchObject([{ verdict: 'run' }]);
  });

  it('is not written twice', async () => {
    const [id] = (await claimed(1)) as [string];
    const once = settlement(id, { followUps: { tasks: [newTask()], letters: [letter('client')] } });
    expect(await ann.settle(once)).toBe(true);
    expect(await ann.settle(once)).toBe(false);
    expect(await query('SELECT FROM outbox')).toHaveLength(2);
    expect(await query('SELECT FROM task')).toHaveLength(2);
  });

  it('is not written for a claim that is no longer held', async () => {
    const [id, other] = (await claimed(2)) as [string, string];
    await ann.renewLease(0);
    expect(await bob.claim([request(id)])).toMatchObject([{ verdict: 'lost' }]);
    const followUps = (key: string): FollowUps => ({ tasks: [newTask({ name: key })], letters: [letter(key)] });
    const held = [id, other].map((taskId) => ann.settle(settlement(taskId, { followUps: followUps(taskId) })));
    expect(await Promise.all(held)).toEqual([false, true]);
    expect([...(await due()).keys()]).toEqual(expect.arrayContaining(['mail', other]));
    expect(await query(`SELECT name FROM task WHERE state = 'PENDING'`)).toEqual([{ name: other }]);
  });

  it('leaves a task alone that is there already', async () => {
    const [id, known] = (await claimed(2)) as [string, string];
    await ann.settle(settlement(id, { followUps: { tasks: [newTask({ id: known })], letters: [] } }));
    expect(await query(`SELECT state FROM task WHERE id = '${known}'`)).toEqual([{ state: 'STARTED' }]);
    expect(await query('SELECT FROM outbox')).toEqual([]);
  });

  it('has a task once that is asked for twice', async () => {
    const [one, other] = (await claimed(2)) as [string, string];
    const chosen = (name: string): NewTask => newTask({ id: 'chosen', name });
    const settled = [
      ann.settle(settlement(one, { followUps: { tasks: [chosen('a'), chosen('b')], letters: [] } })),
      ann.settle(settlement(other, { followUps: { tasks: [chosen('c')], letters: [] } })),
    ];
    expect(await Promise.all(settled)).toEqual([true, true]);
    expect(await query(`SELECT name FROM task WHERE id = 'chosen'`)).toEqual([{ name: 'a' }]);
    expect(await query('SELECT task_id FROM outbox')).toEqual([{ task_id: 'chosen' }]);
  });

  it('that cannot be stored fails alone', async () => {
    const ids = await claimed(5);
    const settled = await Promise.allSettled(
      ids.map((id, n) =>
        ann.settle(settlement(id, { followUps: { tasks: [], letters: [letter(n === 2 ? 'a\0b' : 'client')] } })),
      ),
    );
    expect(settled.map(({ status }) => status)).toEqual(ids.map((_, n) => (n === 2 ? 'rejected' : 'fulfilled')));
    expect(await query('SELECT FROM outbox')).toHaveLength(4);
  });

  it('wakes the relay also for a retry that is due at once, and for nothing else', async () => {
    const [now, later, done] = (await claimed(3)) as [string, string, string];
    await ann.settle(settlement(done));
    await ann.settle(settlement(later, { state: 'RETRY', next: { message: message(), dueInMs: 1 } }));
    expect(onOutbox).not.toHaveBeenCalled();
    await ann.settle(settlement(now, { state: 'RETRY', next: { message: message(), dueInMs: 0 } }));
    expect(onOutbox).toHaveBeenCalledTimes(1);
  });

  it('is the answer to who waits for a task that is revoked while it waits', async () => {
    const waiting = (properties: object): string => {
      const { envelope, ...rest } = message();
      tasks.push(newTask({ message: { ...rest, envelope: { ...envelope, properties } }, countdownMs: 60_000 }));
      return tasks.at(-1)?.id as string;
    };
    const tasks: NewTask[] = [];
    const ids = [waiting({ replyTo: 'client', correlationId: 'c' }), waiting({ replyTo: 'a\0b' }), waiting({})];
    await outbox.enqueueMany(tasks);
    await outbox.revoke(ids, null);
    const letters = [...(await due()).values()];
    expect(letters).toMatchObject([{ routingKey: 'client', mandatory: false }]);
    expect(letters[0]?.envelope.properties.correlationId).toBe('c');
    expect(JSON.parse(letters[0]?.body.toString() ?? '')).toMatchObject({ task_id: ids[0], status: 'REVOKED' });
  });

  describe('when the claim ends it', () => {
    const followUpsOf = jest.fn<(answer: ClaimAnswer) => FollowUps | null>();

    beforeEach(() => {
      followUpsOf.mockReset();
      followUpsOf.mockImplementation(({ verdict }) =>
        verdict === 'run' ? null : { tasks: [], letters: [letter(verdict)] },
      );
    });

    it('is written with that: an expired task', async () => {
      const expired = foreignRequest('python', { followUpsOf });
      const foreign = { ...(expired.foreign as NonNullable<typeof expired.foreign>), expiresAt: new Date(0) };
      expect(await ann.claim([{ ...expired, foreign }])).toMatchObject([{ verdict: 'expired' }]);
      expect([...(await due()).keys()]).toEqual(['expired']);
      expect(onOutbox).toHaveBeenCalledTimes(1);
    });

    it('is written with that: a task whose worker was lost', async () => {
      const [id] = (await claimed(1)) as [string];
      await ann.renewLease(0);
      expect(await bob.claim([request(id, { followUpsOf })])).toMatchObject([{ verdict: 'lost' }]);
      expect(followUpsOf).toHaveBeenCalledWith(expect.objectContaining({ taskId: id, deaths: 1 }));
      expect([...(await due()).keys()]).toEqual(['lost']);
    });

    it('is nothing for one that is run', async () => {
      const answers = await ann.claim([foreignRequest('a', { followUpsOf }), foreignRequest('b')]);
      expect(answers).toMatchObject([{ verdict: 'run' }, { verdict: 'run' }]);
      expect(await query('SELECT FROM outbox')).toEqual([]);
      expect(onOutbox).not.toHaveBeenCalled();
    });

    it('that cannot be stored leaves the task as it was', async () => {
      followUpsOf.mockReturnValue({ tasks: [], letters: [letter('a\0b')] });
      await expect(ann.claim([foreignRequest('a', { followUpsOf })])).rejects.toThrow();
      expect(await query('SELECT FROM task')).toEqual([]);
    });
  });
});
