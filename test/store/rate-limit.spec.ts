import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mailSchema } from '@celeriac/mail';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import type { ClaimRequest } from '../../libs/tasks/src/store/task-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { newTask, request, worker } from '../../libs/tasks/src/testing/conformance/store/builders.js';

const LEASE_MS = 60_000;
/** 1 a minute. */
const limited = { taskName: 'test.task', key: '', defaultIntervalUs: 60_000_000 };
const TABLES = 'task, task_attempt, outbox, worker, rate_limit, rate_bucket';

describe('a limited rate', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;
  let ann: PostgresWorkerStore;
  let bob: PostgresWorkerStore;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(async () => {
    await query(`TRUNCATE ${TABLES}`);
    outbox = new PostgresOutboxStore(database.dataSource);
    ann = new PostgresWorkerStore(database.dataSource, worker('ann'));
    bob = new PostgresWorkerStore(database.dataSource, worker('bob'));
    await Promise.all([ann.renewLease(LEASE_MS), bob.renewLease(LEASE_MS)]);
  });

  afterEach(() => Promise.all([outbox.close(), ann.close(), bob.close()]));

  afterAll(() => database.drop());

  async function query<Row = unknown>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await database.dataSource.query(sql, values)) as Row[];
  }

  /** @returns the ids, in their order */
  async function sent(count: number): Promise<string[]> {
    const tasks = Array.from({ length: count }, () => newTask());
    await outbox.enqueueMany(tasks);
    return tasks.map(({ id }) => id);
  }

  async function claim(
    store: PostgresWorkerStore,
    ids: readonly string[],
    change: Partial<ClaimRequest> = {},
  ): Promise<string[]> {
    const answers = await store.claim(ids.map((id) => request(id, { rateLimit: limited, ...change })));
    return answers.map(({ verdict }) => verdict);
  }

  /** As if so much time had gone by: everything that is due lies so much nearer. */
  async function pass(interval: string): Promise<void> {
    await query(`UPDATE task SET due_at = due_at - $1::interval`, [interval]);
    await query(`UPDATE outbox SET due_at = due_at - $1::interval`, [interval]);
    await query(
      `UPDATE rate_bucket SET next_slot_at = next_slot_at - $1::interval, started_until = started_until - $1::interval`,
      [interval],
    );
  }

  /** In seconds after the first of all slots or starts, of those that wait, in their order. */
  async function slots(): Promise<number[]> {
    const rows = await query<{ seconds: number }>(
      `SELECT extract(epoch FROM due_at - (SELECT min(coalesce(started_at, due_at)) FROM task))::float8 AS seconds
       FROM task WHERE wait_reason = 'rate_limited' ORDER BY due_at`,
    );
    return rows.map(({ seconds }) => seconds);
  }

  it('loses no task to a worker that dies: what its claim has written holds, and what it has not takes no slot', async () => {
    const [first = '', second = ''] = await sent(2);
    await claim(ann, [first, second]);
    // The message was not acknowledged: it comes again, to somebody else.
    expect(await claim(bob, [second])).toEqual(['stale']);
    expect(await query('SELECT task_id FROM outbox WHERE generation = 1')).toEqual([{ task_id: second }]);

    const [third = ''] = await sent(1);
    const before = await query('SELECT * FROM rate_bucket');
    const runner = database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM rate_bucket FOR UPDATE');
    const dying = claim(ann, [third]).catch((error: unknown) => String(error));
    for (let killed = 0; killed === 0;) {
      const rows = await query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      killed = rows.length;
    }
    expect(await dying).toContain('terminating connection');
    await runner.commitTransaction();
    await runner.release();
    expect(await query('SELECT * FROM rate_bucket')).toEqual(before);
    expect(await claim(bob, [third])).toEqual(['rate_limited']);
  });

  it('has a long queue hold up no one for ever: those who are always late run one by one', async () => {
    const ids = await sent(10);
    await claim(ann, ids);
    for (const id of ids.slice(1)) {
      await pass('1 minute');
      await query(`UPDATE task SET due_at = now() - interval '5 minutes' WHERE id = $1`, [id]);
      expect(await claim(ann, [id], { generation: 1 })).toEqual(['run']);
    }
  });

  it('keeps its distance over days on which clocks are put forward or back', async () => {
    const extra = { options: '-c timezone=Europe/Berlin' };
    const berlin = await new DataSource({ type: 'postgres', url: database.url, extra, ...mailSchema }).initialize();
    const store = new PostgresWorkerStore(berlin, worker('berlin'));
    // A month at a time, for a year.
    const rateLimit = { ...limited, defaultIntervalUs: 24 * 3_600_000_000 };
    for (let month = 0; month < 12; month += 1) await claim(store, await sent(30), { rateLimit });
    expect(await slots()).toEqual(Array.from({ length: 359 }, (_, index) => (index + 1) * 86_400));
    await store.close();
    await berlin.destroy();
  });

  it('is raised for good, though it was lowered in between and a claim has used the new rate already', async () => {
    const ids = await sent(4);
    await claim(ann, ids.slice(0, 3));
    // The first half of what setRateLimit does, and then a claim.
    await query(`INSERT INTO rate_limit (task_name, rate) VALUES ('test.task', '1/s')`);
    await claim(bob, ids.slice(3));
    await outbox.setRateLimit('test.task', '1/s');
    expect(await query(`SELECT FROM task WHERE wait_reason = 'rate_limited'`)).toEqual([]);
  });

  it('is forgotten when it was not used for a day', async () => {
    await claim(ann, await sent(1));
    await claim(ann, await sent(1), { rateLimit: { ...limited, key: uuidv7() } });
    await query(
      `UPDATE rate_bucket SET next_slot_at = now() - interval '2 days', started_until = now() - interval '2 days'
       WHERE key <> ''`,
    );
    await bob.forgetOld();
    expect(await query('SELECT key FROM rate_bucket')).toEqual([{ key: '' }]);
  });
});
