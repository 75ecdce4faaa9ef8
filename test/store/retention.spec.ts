import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import type { NewTask } from '../../libs/tasks/src/store/task-store.js';
import { Retention } from '../../libs/tasks/src/upkeep/retention.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import {
  newTask,
  request,
  settlement,
  worker as aWorker,
} from '../../libs/tasks/src/testing/conformance/store/builders.js';

describe('how long tasks are kept', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;
  let worker: PostgresWorkerStore;
  let retention: Retention;

  beforeAll(async () => {
    database = await createTaskDatabase();
    outbox = new PostgresOutboxStore(database.dataSource);
    worker = new PostgresWorkerStore(database.dataSource, aWorker('w'));
    await worker.renewLease(60_000);
    retention = new Retention(outbox, { intervalMs: 60_000, log: console });
  });

  afterAll(async () => {
    await Promise.all([outbox.close(), worker.close()]);
    await database.drop();
  });

  beforeEach(() => database.dataSource.query('TRUNCATE task, task_attempt, outbox'));

  async function ended(change: Partial<NewTask>): Promise<string> {
    const task = newTask(change);
    await outbox.enqueueOne(task);
    await worker.claim([request(task.id)]);
    await worker.settle(settlement(task.id));
    return task.id;
  }

  async function left(table: string, column: string): Promise<string[]> {
    const rows = (await database.dataSource.query(`SELECT ${column} AS id FROM ${table}`)) as Array<{ id: string }>;
    return rows.map(({ id }) => id);
  }

  it('counts from the end, not from the call', async () => {
    const id = await ended({ retentionSeconds: 60 });
    await database.dataSource.query(`UPDATE task SET forget_after = now() - interval '1 hour'`);
    expect(await retention.runOnce()).toBe(0);
    await database.dataSource.query(`UPDATE task SET finished_at = now() - interval '61 seconds' WHERE id = $1`, [id]);
    expect(await retention.runOnce()).toBe(1);
  });

  it('goes on until all have gone, some at a time', async () => {
    await outbox.enqueueMany(Array.from({ length: 2500 }, () => newTask({ retentionSeconds: 0 })));
    await database.dataSource.query(`UPDATE task SET state = 'SUCCESS', finished_at = now()`);
    expect(await retention.runOnce()).toBe(2500);
    expect(await left('task', 'id')).toEqual([]);
  });
});
