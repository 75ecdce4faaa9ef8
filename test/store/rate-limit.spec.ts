import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mailSchema } from '@celeriac/mail';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import type { ClaimRequest } from '../../libs/tasks/src/store/task-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { foreignRequest, message, newTask, request, settlement, worker } from './builders.js';

const LEASE_MS = 60_000;
/** 1 a minute. */
const limited = { taskName: 'test.task', key: '', defaultIntervalUs: 60_000_000 };
const unlimited = { ...limited, defaultIntervalUs: null };
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

  /** What the relay does when a slot has come: the message under way carries the next generation. */
  function claimAgain(store: PostgresWorkerStore, ids: readonly string[]): Promise<string[]> {
    return claim(store, ids, { generation: 1 });
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

  it('lets one start, and gives the others their slots in the order in which they came', async () => {
    const ids = await sent(4);
    expect(await claim(ann, ids)).toEqual(['run', 'rate_limited', 'rate_limited', 'rate_limited']);
    expect(await slots()).toEqual([60, 120, 180]);
    const waiting = await query(
      'SELECT id, state, attempt, generation FROM task WHERE due_at IS NOT NULL ORDER BY due_at',
    );
    expect(waiting).toEqual(ids.slice(1).map((id) => ({ id, state: 'PENDING', attempt: 0, generation: 1 })));
    const rows = await query(
      `SELECT outbox.due_at = task.due_at AND outbox.body = task.body AND outbox.exchange = task.exchange AS same
       FROM outbox JOIN task ON task.id = task_id AND outbox.generation = task.generation WHERE outbox.generation = 1`,
    );
    expect(rows).toEqual([{ same: true }, { same: true }, { same: true }]);
    expect(await outbox.waits([ids[3] ?? ''])).toMatchObject([{ waitReason: 'rate_limited', isEarly: true }]);
  });

  it('has no second price: who waited for its slot runs in it, and who comes then waits for the next', async () => {
    const [first = '', second = '', third = ''] = await sent(3);
    await claim(ann, [first, second]);
    await pass('1 minute');
    expect(await claim(bob, [third])).toEqual(['rate_limited']);
    expect(await claimAgain(bob, [second])).toEqual(['run']);
    await pass('1 minute');
    expect(await claimAgain(ann, [third])).toEqual(['run']);
  });

  it('is one for all workers, also when they ask in the same moment', async () => {
    const ids = await sent(200);
    const batches = Array.from({ length: 20 }, (_, index) => ids.slice(index * 10, index * 10 + 10));
    const answers = await Promise.all(batches.map((batch, index) => claim(index % 2 === 0 ? ann : bob, batch)));
    expect(answers.flat().filter((verdict) => verdict === 'run')).toHaveLength(1);
    const given = await query<{ step: number }>(
      `SELECT extract(epoch FROM due_at - lag(due_at) OVER (ORDER BY due_at))::float8 AS step FROM task
       WHERE wait_reason = 'rate_limited' ORDER BY due_at OFFSET 1`,
    );
    expect(new Set(given.map(({ step }) => step))).toEqual(new Set([60]));
    expect(given).toHaveLength(198);
  });

  it('is kept for each key apart, and leaves tasks without a limit alone', async () => {
    const ids = await sent(6);
    const limits = ['a', 'b', 'a', 'b', 'a'].map((key) => ({ ...limited, key }));
    const answers = await ann.claim(ids.map((id, index) => request(id, { rateLimit: limits[index] ?? unlimited })));
    expect(answers.map(({ verdict }) => verdict)).toEqual([
      'run',
      'run',
      'rate_limited',
      'rate_limited',
      'rate_limited',
      'run',
    ]);
    expect(await slots()).toEqual([60, 60, 120]);
  });

  it('has a retry take a slot of its own', async () => {
    const [id = '', other = ''] = await sent(2);
    await claim(ann, [id]);
    await ann.settle(settlement(id, { state: 'RETRY', retries: 1, next: { message: message(), dueInMs: 0 } }));
    expect(await claim(bob, [id], { generation: 1, retries: 1 })).toEqual(['rate_limited']);
    expect(await query('SELECT state, generation FROM task WHERE id = $1', [id])).toEqual([
      { state: 'RETRY', generation: 2 },
    ]);
    expect(await claim(bob, [other])).toEqual(['rate_limited']);
  });

  it("counts a foreign producer's tasks, and those of a dead worker, too", async () => {
    const [mine = ''] = await sent(1);
    const python = ['python-1', 'python-2'].map((id) => foreignRequest(id, { rateLimit: limited }));
    await claim(ann, [mine]);
    expect(await bob.claim(python)).toMatchObject([{ verdict: 'rate_limited' }, { verdict: 'rate_limited' }]);
    expect(await bob.claim(python)).toMatchObject([{ verdict: 'stale' }, { verdict: 'stale' }]);
    await ann.renewLease(0);
    expect(await claim(bob, [mine])).toEqual(['rate_limited']);
    expect(await slots()).toEqual([60, 120, 180]);
    const row = await query('SELECT state, deaths, worker_id, envelope FROM task WHERE id = ANY($1)', [[mine]]);
    expect(row).toMatchObject([{ state: 'PENDING', deaths: 1, worker_id: null }]);
    expect(await query(`SELECT task_id FROM outbox WHERE body IS NOT NULL ORDER BY due_at DESC LIMIT 3`)).toEqual([
      { task_id: mine },
      { task_id: 'python-2' },
      { task_id: 'python-1' },
    ]);
    await pass('1 minute');
    expect(await claimAgain(ann, ['python-1'])).toEqual(['run']);
  });

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

  it('lets what comes long after its slot start as the rate allows, and not all at once', async () => {
    const ids = await sent(100);
    await claim(ann, ids);
    // No worker was there for hours.
    await pass('3 hours');
    const answers = await claimAgain(ann, ids.slice(1));
    expect(answers.filter((verdict) => verdict === 'run')).toHaveLength(1);
    // The others have got new slots, from now on; one of them is in its slot at once, as anything that is new.
    const [last] = await query<{ minutes: number }>(
      `SELECT extract(epoch FROM max(due_at) - now())::float8 / 60 AS minutes FROM task WHERE wait_reason = 'rate_limited'`,
    );
    expect(last?.minutes).toBeGreaterThan(95);
  });

  it('has a long queue hold up no one for ever: those who are always late run one by one', async () => {
    const ids = await sent(10);
    await claim(ann, ids);
    for (const id of ids.slice(1)) {
      await pass('1 minute');
      await query(`UPDATE task SET due_at = now() - interval '5 minutes' WHERE id = $1`, [id]);
      expect(await claimAgain(ann, [id])).toEqual(['run']);
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

  it('has each task of a flood claimed twice at most', async () => {
    const ids = await sent(2000);
    // 1000 a second.
    const rateLimit = { ...limited, defaultIntervalUs: 1000 };
    let started = 0;
    for (let from = 0; from < ids.length; from += 100) {
      const verdicts = await claim(ann, ids.slice(from, from + 100), { rateLimit });
      started += verdicts.filter((verdict) => verdict === 'run').length;
    }
    await pass('2 seconds');
    const waiting = await query<{ id: string }>(`SELECT id FROM task WHERE wait_reason = 'rate_limited'`);
    expect(waiting).toHaveLength(2000 - started);
    const verdicts = await claim(
      bob,
      waiting.map(({ id }) => id),
      { rateLimit, generation: 1 },
    );
    expect(new Set(verdicts)).toEqual(new Set(['run']));
  });

  describe('that is set while running', () => {
    it('is followed by every worker at its next claim, also where the contract has none', async () => {
      const ids = await sent(6);
      expect(await claim(ann, ids.slice(0, 2), { rateLimit: unlimited })).toEqual(['run', 'run']);
      await outbox.setRateLimit('test.task', '1/m');
      expect(await claim(ann, ids.slice(2, 4), { rateLimit: unlimited })).toEqual(['run', 'rate_limited']);
      expect(await claim(bob, ids.slice(4), { rateLimit: unlimited })).toEqual(['rate_limited', 'rate_limited']);
      await outbox.setRateLimit('another.task', '1/h');
      expect(await claim(bob, await sent(1), { rateLimit: unlimited })).toEqual(['rate_limited']);
    });

    it('has those follow a higher rate that wait for far slots, in their order', async () => {
      const ids = await sent(5);
      await claim(ann, ids);
      await outbox.setRateLimit('test.task', '6/m');
      const due = await query<{ id: string }>(
        `SELECT task_id AS id FROM outbox WHERE generation = 1 AND due_at <= now() ORDER BY due_at`,
      );
      expect(due.map(({ id }) => id)).toEqual(ids.slice(1));
      const verdicts = await claimAgain(bob, ids.slice(1));
      expect(verdicts).toEqual(['run', 'rate_limited', 'rate_limited', 'rate_limited']);
      const steps = await query<{ step: number }>(
        `SELECT extract(epoch FROM due_at - lag(due_at) OVER (ORDER BY due_at))::float8 AS step FROM task
         WHERE wait_reason = 'rate_limited' ORDER BY due_at OFFSET 1`,
      );
      expect(steps).toEqual([{ step: 10 }, { step: 10 }]);
    });

    it('has all of them run when it is lifted', async () => {
      const ids = await sent(5);
      await claim(ann, ids);
      await outbox.setRateLimit('test.task', null);
      expect(await outbox.takeDue(10, 1000)).toHaveLength(5 + 4);
      expect(new Set(await claimAgain(bob, ids.slice(1)))).toEqual(new Set(['run']));
      expect(await query(`SELECT FROM task WHERE wait_reason = 'rate_limited'`)).toEqual([]);
    });

    it('leaves the slots alone that were given when it is lowered', async () => {
      const ids = await sent(4);
      await claim(ann, ids.slice(0, 3));
      await outbox.setRateLimit('test.task', '1/h');
      await claim(bob, ids.slice(3));
      expect(await slots()).toEqual([60, 120, 180]);
      await claim(bob, await sent(1));
      expect((await slots()).at(-1)).toBe(180 + 3600);
      await pass('1 minute');
      expect(await claimAgain(bob, ids.slice(1, 2))).toEqual(['run']);
      await pass('1 minute');
      expect(await claimAgain(bob, ids.slice(2, 3))).toEqual(['run']);
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
