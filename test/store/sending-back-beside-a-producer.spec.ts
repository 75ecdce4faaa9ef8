import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresTaskStore } from '@celeriac/tasks';
import type { SendBackVerdict } from '../../libs/tasks/src/store/dead-letter-store.js';
import { message, newTask } from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

/** How long the other transaction takes to commit: nobody can see that the statement waits for it but by its lock. */
const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

describe('a dead letter of a unique task that is sent back while a producer takes its key', () => {
  let database: TaskDatabase;
  let store: PostgresTaskStore;

  beforeAll(async () => {
    database = await createTaskDatabase();
    store = new PostgresTaskStore(database.dataSource);
  });

  afterAll(async () => {
    await store.outbox.close();
    await database.drop();
  });

  it.each([
    ['that nobody has held before', false],
    ['that has run out', true],
  ])('stays, for a key %s', async (name, wasHeld) => {
    const unique = { key: createHash('sha256').update(name).digest(), forMs: 3_600_000, endStates: [] };
    const dead = newTask({});
    await store.outbox.enqueueOne(dead);
    if (wasHeld) {
      await database.dataSource.query(`INSERT INTO unique_task VALUES ($1, 'before', now() - interval '1 hour')`, [
        unique.key,
      ]);
    }
    const task = { id: dead.id, generation: 0, retries: 0 };
    const letter = { message: message({ id: dead.id }), task, unique };
    let sending: Promise<SendBackVerdict[]> | undefined;
    const [taken] = await database.dataSource.transaction(async (manager) => {
      const enqueued = await store.outbox.enqueue([newTask({ unique })], manager);
      sending = store.outbox.sendBack([letter]);
      while ((await database.dataSource.query(WAITING)).length === 0);
      return enqueued;
    });
    expect(await sending).toEqual(['duplicate']);
    expect(await store.outbox.enqueueOne(newTask({ unique }))).toEqual({ id: taken?.id, isNew: false });
    const [row] = await database.dataSource.query('SELECT generation FROM task WHERE id = $1', [dead.id]);
    expect(row).toEqual({ generation: 0 });
  });
});
