import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import type { SettlementWriter } from '../../libs/tasks/src/store/task-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { request, settlement, worker } from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { claimNew } from '../fixtures/claim-new.js';

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

  it('writes no rows for a worker whose task was taken over', async () => {
    const [id] = (await claimed(1)) as [string];
    await ann.renewLease(0);
    await bob.claim([request(id)]);
    const rows = { writer: notes, data: 'ann was here' };
    expect(await ann.settle(settlement(id, { rows }))).toBe(false);
    expect(await query('SELECT text FROM note')).toEqual([]);
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
});
