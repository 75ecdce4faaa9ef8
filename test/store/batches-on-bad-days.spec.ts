import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mailSchema } from '@celeriac/mail';
import { isStoreAway } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { classifyStoreError } from '../../libs/tasks/src/store/store-errors.js';
import type { HandBack, SettlementWriter } from '../../libs/tasks/src/store/task-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import {
  message,
  newTask,
  request,
  settlement,
  worker,
} from '../../libs/tasks/src/testing/conformance/store/builders.js';

const HALF_A_PAIR = 'half a pair \uD800';

describe('a batch', () => {
  let database: TaskDatabase;
  let line: TcpProxy;
  /** Reaches the database by way of the line. */
  let dataSource: DataSource;
  let outbox: PostgresOutboxStore;
  let ann: PostgresWorkerStore;

  const notes: SettlementWriter<object> = {
    write: async (manager, items) => {
      await manager.query('INSERT INTO note (text) SELECT * FROM unnest($1::jsonb[])', [
        items.map((item) => JSON.stringify(item)),
      ]);
    },
  };

  beforeAll(async () => {
    database = await createTaskDatabase();
    await database.dataSource.query('CREATE TABLE note (text jsonb NOT NULL)');
    line = await TcpProxy.to(database.url);
    dataSource = await new DataSource({ type: 'postgres', url: line.url, ...mailSchema }).initialize();
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker, note');
    outbox = new PostgresOutboxStore(dataSource);
    ann = new PostgresWorkerStore(dataSource, worker('ann'));
    await ann.renewLease(60_000);
  });

  afterEach(async () => {
    await Promise.all([outbox.close(), ann.close()]);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await line.close();
    await database.drop();
  });

  async function claimed(count: number, by = ann): Promise<string[]> {
    const tasks = Array.from({ length: count }, () => newTask({ leaseMs: 60_000 }));
    await Promise.all(tasks.map((task) => outbox.enqueueOne(task)));
    await Promise.all(tasks.map(({ outboxId }) => outbox.published(outboxId)));
    await by.claim(tasks.map(({ id }) => request(id)));
    return tasks.map(({ id }) => id);
  }

  async function query<Row>(sql: string): Promise<Row[]> {
    return (await database.dataSource.query(sql)) as Row[];
  }

  async function statuses(work: Array<Promise<unknown>>): Promise<string[]> {
    return (await Promise.allSettled(work)).map(({ status }) => status);
  }

  /** Cuts the line when the commit of what is said has been sent, and is through, and its answer has not come. */
  async function losingTheAnswer<Result>(work: () => Promise<Result>, seen: string, ...said: string[]) {
    const committing = line.freezeAt('after', ...said);
    const result = Promise.allSettled([work()]);
    await committing;
    while ((await query(seen)).length === 0);
    line.cut();
    return (await result)[0];
  }

  const handBack = (taskId: string, exchange = 'mail'): HandBack => ({
    taskId,
    generation: 0,
    attempt: 1,
    message: { ...message(), exchange },
    dueInMs: 0,
    waitReason: null,
  });

  describe('with one item that Postgres refuses', () => {
    const bad = 3;
    const allBut = (count: number) => Array.from({ length: count }, (_, n) => (n === bad ? 'rejected' : 'fulfilled'));

    it('writes the other tasks', async () => {
      const tasks = Array.from({ length: 10 }, (_, n) => newTask(n === bad ? { name: 'a\0b' } : {}));
      expect(await statuses(tasks.map((task) => outbox.enqueueOne(task)))).toEqual(allBut(10));
      expect(await query('SELECT id FROM outbox')).toHaveLength(9);
    });

    it('writes all tasks, if it is half a surrogate pair that is in a name or in headers', async () => {
      const odd = newTask({ name: HALF_A_PAIR, message: message({ note: HALF_A_PAIR }) });
      const tasks = [newTask(), odd, newTask()];
      expect(await statuses(tasks.map((task) => outbox.enqueueOne(task)))).toEqual(tasks.map(() => 'fulfilled'));
      const due = await outbox.takeDue(10, 1000);
      expect(due.find(({ taskId }) => taskId === odd.id)?.envelope.headers).toMatchObject({ note: HALF_A_PAIR });
    });

    it.each([
      ['a NUL', 'a\0b'],
      ['half a surrogate pair', HALF_A_PAIR],
    ])('settles the other tasks, if a handler hands in %s', async (_what, text) => {
      const ids = await claimed(10);
      const settled = ids.map((id, n) => ({ rows: { writer: notes, data: { text: n === bad ? text : 'fine' } }, id }));
      expect(await statuses(settled.map(({ id, rows }) => ann.settle(settlement(id, { rows }))))).toEqual(allBut(10));
      expect(await query('SELECT text FROM note')).toHaveLength(9);
      expect(await query(`SELECT id FROM task WHERE state = 'STARTED'`)).toEqual([{ id: ids[bad] }]);
    });

    it('hands the other tasks back', async () => {
      const ids = await claimed(10);
      const handedBack = ids.map((id, n) => ann.handBack(handBack(id, n === bad ? 'a\0b' : 'mail')));
      expect(await statuses(handedBack)).toEqual(allBut(10));
      expect(await query(`SELECT id FROM task WHERE state = 'PENDING'`)).toHaveLength(9);
    });
  });

  describe('that cannot be serialised', () => {
    beforeAll(() => setIsolation('serializable'));

    afterAll(() => setIsolation('read committed'));

    /** For new connections; those that there are end. */
    async function setIsolation(level: string): Promise<void> {
      const [row] = await query<{ name: string }>('SELECT current_database() AS name');
      await query(`ALTER DATABASE ${row?.name} SET default_transaction_isolation = '${level}'`);
      line.cut();
    }

    /** Has the work wait for a row that somebody else is changing, and then find it changed. */
    async function overtaken<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
      const runner = database.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.query('UPDATE task SET result = result WHERE id = $1', [id]);
      const result = work();
      result.catch(() => undefined);
      const blocked = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await query(blocked)).length === 0);
      await runner.commitTransaction();
      await runner.release();
      return result;
    }

    it('is settled the next time', async () => {
      const ids = await claimed(5);
      const settled = await overtaken(ids[2] ?? '', () => Promise.all(ids.map((id) => ann.settle(settlement(id)))));
      expect(settled).toEqual(ids.map(() => true));
      expect(await query('SELECT number FROM task_attempt')).toHaveLength(5);
    });

    it('is handed back the next time', async () => {
      const [id = ''] = await claimed(1);
      expect(await overtaken(id, () => ann.handBack(handBack(id)))).toBe(true);
      expect(await query('SELECT generation FROM task')).toEqual([{ generation: 1 }]);
    });

    it('is not claimed, and its claim says that it may be tried again', async () => {
      const task = newTask({ leaseMs: 60_000 });
      await outbox.enqueueOne(task);
      const claim = overtaken(task.id, () => ann.claim([request(task.id)]));
      expect(await claim.catch(classifyStoreError)).toBe('conflict');
      expect(await ann.claim([request(task.id)])).toMatchObject([{ verdict: 'run', attempt: 1 }]);
    });

    it('is written while others write theirs', async () => {
      const bob = new PostgresWorkerStore(dataSource, worker('bob'));
      await bob.renewLease(60_000);
      const [anns, bobs] = [await claimed(100), await claimed(100, bob)];
      const work = [
        ...anns.map((id) => ann.settle(settlement(id))),
        ...bobs.map((id) => bob.settle(settlement(id))),
        ...Array.from({ length: 100 }, () => outbox.enqueueOne(newTask())),
      ];
      expect((await Promise.all(work)).every(Boolean)).toBe(true);
      await bob.close();
    });
  });

  describe('whose answer is lost after it was committed', () => {
    it('is settled once, and its second try says that the claim is over', async () => {
      const ids = await claimed(3);
      const rows = { writer: notes, data: { text: 'written' } };
      const settle = (): Promise<boolean[]> => Promise.all(ids.map((id) => ann.settle(settlement(id, { rows }))));
      const answer = await losingTheAnswer(settle, 'SELECT FROM note', 'celeriac_settle', 'COMMIT');
      expect(answer).toMatchObject({ status: 'fulfilled', value: ids.map(() => false) });
      expect(await query('SELECT state FROM task')).toEqual(ids.map(() => ({ state: 'SUCCESS' })));
      expect(await query('SELECT text FROM note')).toHaveLength(3);
    });

    it('is handed back once', async () => {
      const [id = ''] = await claimed(1);
      const answer = await losingTheAnswer(
        () => ann.handBack(handBack(id)),
        'SELECT FROM outbox',
        'celeriac_hand_back',
      );
      expect(answer).toMatchObject({ status: 'fulfilled', value: false });
      expect(await query('SELECT generation FROM outbox')).toEqual([{ generation: 1 }]);
    });

    it('is claimed again by the same worker', async () => {
      const task = newTask({ leaseMs: 60_000 });
      await outbox.enqueueOne(task);
      const claim = (): Promise<unknown> => ann.claim([request(task.id)]);
      const answer = await losingTheAnswer(claim, `SELECT FROM task WHERE state = 'STARTED'`, 'celeriac_claim');
      expect(answer).toMatchObject({ status: 'rejected' });
      expect(await ann.claim([request(task.id)])).toMatchObject([{ verdict: 'run', attempt: 2, deaths: 0 }]);
    });

    it('is not known to be written by who enqueued it, and is written once when that is tried again', async () => {
      const task = newTask();
      const answer = await losingTheAnswer(() => outbox.enqueueOne(task), 'SELECT FROM outbox', 'celeriac_enqueue');
      expect(answer.status === 'rejected' && isStoreAway(answer.reason)).toBe(true);
      expect(await outbox.enqueueOne(task)).toEqual({ id: task.id, isNew: false });
      expect(await query('SELECT task_id FROM outbox')).toEqual([{ task_id: task.id }]);
    });

    it('lets no effect happen that was noted', async () => {
      const [id = ''] = await claimed(1);
      const answer = await losingTheAnswer(
        () => ann.passPointOfNoReturn({ taskId: id, attempt: 1 }),
        'SELECT FROM task_attempt',
        'celeriac_point_of_no_return',
      );
      expect(answer.status === 'rejected' && isStoreAway(answer.reason)).toBe(true);
      expect(await ann.passPointOfNoReturn({ taskId: id, attempt: 1 })).toBe(true);
    });
  });
});
