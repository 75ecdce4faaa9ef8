import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import type { SettlementWriter } from '../../libs/tasks/src/store/task-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { claimNew, message, request, settlement, worker } from './builders.js';

/** That of pg's pools, unless they are told another one. */
const POOL_SIZE = 10;

describe('settling', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;
  let ann: PostgresWorkerStore;
  let bob: PostgresWorkerStore;

  const notes: SettlementWriter<string> = {
    write: async (manager, items) => {
      await manager.query('INSERT INTO note (text) SELECT * FROM unnest($1::text[])', [items]);
    },
  };

  beforeAll(async () => {
    database = await createTaskDatabase();
    await database.dataSource.query('CREATE TABLE note (text text NOT NULL)');
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker, note');
    outbox = new PostgresOutboxStore(database.dataSource);
    ann = new PostgresWorkerStore(database.dataSource, worker('ann'));
    bob = new PostgresWorkerStore(database.dataSource, worker('bob'));
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

  /** The pool finds out which of its connections are dead when they are used: the next test is to get none of those. */
  async function allConnectionsAnswer(): Promise<void> {
    const ask = (): Promise<unknown> => query('SELECT pg_sleep(0.01)');
    const all = Array.from({ length: POOL_SIZE }, ask);
    await Promise.all(all).catch(allConnectionsAnswer);
  }

  it('writes outcome, result and attempt together', async () => {
    const [id] = (await claimed(1)) as [string];
    expect(await ann.settle(settlement(id, { resultJson: '{"accepted":["ann@example.com"]}' }))).toBe(true);
    expect(await query('SELECT state, result, worker_id FROM task')).toEqual([
      { state: 'SUCCESS', result: { accepted: ['ann@example.com'] }, worker_id: null },
    ]);
    expect(
      await query('SELECT number, worker_name, outcome, finished_at IS NOT NULL AS ended FROM task_attempt'),
    ).toEqual([{ number: 1, worker_name: 'ann@test', outcome: 'SUCCESS', ended: true }]);
  });

  it('continues a retry under the next generation, not before its time', async () => {
    const [id] = (await claimed(1)) as [string];
    const next = { message: message({ retries: 1 }), dueInMs: 60_000 };
    await ann.settle(
      settlement(id, { state: 'RETRY', retries: 1, error: { type: 'E', message: 'busy', stack: null }, next }),
    );
    expect(await query('SELECT state, retries, generation, wait_reason, error FROM task')).toMatchObject([
      { state: 'RETRY', retries: 1, generation: 1, wait_reason: 'scheduled', error: { message: 'busy' } },
    ]);
    expect(await query('SELECT task_id, generation, due_at > now() AS waits FROM outbox')).toEqual([
      { task_id: id, generation: 1, waits: true },
    ]);
    expect(await outbox.takeDue(10, 1000)).toEqual([]);
  });

  it('puts a snoozed task off as if it had not been run, and lets it be woken', async () => {
    const [id] = (await claimed(1)) as [string];
    const next = { message: message(), dueInMs: 60_000 };
    expect(await ann.settle(settlement(id, { state: 'SNOOZE', next }))).toBe(true);
    expect(await query('SELECT state, retries, generation, wait_reason, error, worker_id FROM task')).toEqual([
      { state: 'PENDING', retries: 0, generation: 1, wait_reason: 'snoozed', error: null, worker_id: null },
    ]);
    expect(await query('SELECT number FROM task_attempt')).toEqual([]);
    expect(await bob.claim([request(id)])).toMatchObject([{ verdict: 'stale' }]);
    await outbox.wake(['test.task'], 'no_handler');
    await outbox.wake(['another.task'], 'snoozed');
    expect(await outbox.takeDue(10, 1000)).toEqual([]);
    await outbox.wake(['test.task'], 'snoozed');
    expect(await outbox.takeDue(10, 1000)).toMatchObject([{ taskId: id, generation: 1 }]);
  });

  it('keeps a retried task one that is retried, with its error, when it is snoozed', async () => {
    const [id] = (await claimed(1)) as [string];
    const next = { message: message(), dueInMs: 0 };
    const error = { type: 'E', message: 'busy', stack: null };
    await ann.settle(settlement(id, { state: 'RETRY', retries: 1, error, next }));
    await ann.claim([request(id, { generation: 1, retries: 1 })]);
    expect(await ann.passPointOfNoReturn({ taskId: id, attempt: 2 })).toBe(true);
    await ann.settle(settlement(id, { attempt: 2, state: 'SNOOZE', retries: 1, next }));
    expect(await query('SELECT state, retries, generation, error FROM task')).toEqual([
      { state: 'RETRY', retries: 1, generation: 2, error },
    ]);
    expect(await query('SELECT number, outcome FROM task_attempt ORDER BY number')).toEqual([
      { number: 1, outcome: 'RETRY' },
      { number: 2, outcome: 'SNOOZE' },
    ]);
    const [answer] = await bob.claim([request(id, { generation: 2, retries: 1 })]);
    expect(answer).toMatchObject({ verdict: 'run', interruptedAfterPointOfNoReturn: false });
  });

  it('changes nothing for a worker whose task was taken over', async () => {
    const [id] = (await claimed(1)) as [string];
    await ann.renewLease(0);
    await bob.claim([request(id)]);
    const rows = { writer: notes, data: 'ann was here' };
    expect(await ann.settle(settlement(id, { rows }))).toBe(false);
    expect(await query('SELECT state, attempt FROM task')).toEqual([{ state: 'STARTED', attempt: 2 }]);
    expect(await query('SELECT text FROM note')).toEqual([]);
    expect(await bob.settle(settlement(id, { attempt: 2 }))).toBe(true);
  });

  it("commits a handler's rows with the outcome", async () => {
    const ids = await claimed(3);
    const rows = (text: string) => ({ writer: notes, data: text });
    const settled = ids.map((id, n) => ann.settle(settlement(id, { rows: n === 1 ? null : rows(`row ${n}`) })));
    expect(await Promise.all(settled)).toEqual([true, true, true]);
    expect(await query('SELECT text FROM note ORDER BY text')).toEqual([{ text: 'row 0' }, { text: 'row 2' }]);
  });

  it('lets one row that cannot be stored fail alone', async () => {
    const ids = await claimed(20);
    const settled = await Promise.allSettled(
      ids.map((id, n) => ann.settle(settlement(id, { rows: { writer: notes, data: n === 7 ? 'a\0b' : `${n}` } }))),
    );
    expect(settled.map(({ status }) => status)).toEqual(ids.map((_, n) => (n === 7 ? 'rejected' : 'fulfilled')));
    expect(await query('SELECT state FROM task WHERE state = $$STARTED$$')).toHaveLength(1);
    expect(await query('SELECT text FROM note')).toHaveLength(19);
  });

  it('keeps text that a json column takes and a text column does not', async () => {
    const [id] = (await claimed(1)) as [string];
    const error = { type: 'Error', message: 'NUL \0 and half a pair \uD800', stack: null };
    expect(await ann.settle(settlement(id, { state: 'FAILURE', error }))).toBe(true);
    expect(await query('SELECT error FROM task')).toEqual([{ error }]);
  });

  it('takes many at a time', async () => {
    const ids = await claimed(1200);
    const settled = await Promise.all(ids.map((id) => ann.settle(settlement(id))));
    expect(settled.every(Boolean)).toBe(true);
    expect(await query('SELECT count(*)::int AS count FROM task_attempt')).toEqual([{ count: 1200 }]);
  });

  it('goes on by itself after its connections were cut', async () => {
    const [first = '', ...others] = await claimed(10);
    await ann.settle(settlement(first));
    await query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    const settled = await Promise.all(others.map((id) => ann.settle(settlement(id))));
    expect(settled.every(Boolean)).toBe(true);
    await allConnectionsAnswer();
  });

  describe('hand-back', () => {
    it('moves the message to the outbox and makes the delivery stale', async () => {
      const [id] = (await claimed(1)) as [string];
      const back = {
        taskId: id,
        generation: 0,
        attempt: null,
        message: message(),
        dueInMs: 0,
        waitReason: 'lease' as const,
      };
      expect(await bob.handBack(back)).toBe(true);
      expect(await bob.handBack(back)).toBe(false);
      expect(await outbox.takeDue(10, 1000)).toMatchObject([{ taskId: id, generation: 1 }]);
      expect(await bob.claim([request(id)])).toMatchObject([{ verdict: 'stale' }]);
      // The run itself goes on: its outcome counts.
      expect(await ann.settle(settlement(id))).toBe(true);
    });

    it('gives up a claim of its own', async () => {
      const [id] = (await claimed(1)) as [string];
      const back = { taskId: id, generation: 0, attempt: 1, message: message(), dueInMs: 0, waitReason: null };
      expect(await bob.handBack(back)).toBe(false);
      expect(await ann.handBack(back)).toBe(true);
      expect(await query('SELECT state, worker_id, deaths FROM task')).toEqual([
        { state: 'PENDING', worker_id: null, deaths: 0 },
      ]);
      expect(await bob.claim([request(id, { generation: 1 })])).toMatchObject([
        { verdict: 'run', attempt: 2, deaths: 0 },
      ]);
    });
  });
});
