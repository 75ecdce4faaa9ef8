import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { newTask } from '../../libs/tasks/src/testing/conformance/store/builders.js';

describe('tasks that wait', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(() => {
    outbox = new PostgresOutboxStore(database.dataSource);
  });

  afterEach(() => outbox.close());

  afterAll(() => database.drop());

  it('say that there may be more before them than were looked at', async () => {
    await Promise.all(Array.from({ length: 501 }, () => outbox.enqueueOne(newTask({ queue: 'another' }))));
    const task = newTask();
    await outbox.enqueueOne(task);
    expect((await outbox.standings([task.id])).tasks).toMatchObject([{ before: 0, isMore: true }]);
  });
});
