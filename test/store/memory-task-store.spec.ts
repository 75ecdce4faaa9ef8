import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryTaskStore } from '@celeriac/tasks/testing';
import { newTask } from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

/** For tests of an app whose own rows are in a real database, and whose tasks are not. */
describe('the memory store in the transaction of a real database', () => {
  let database: TaskDatabase;
  let store: MemoryTaskStore;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(() => {
    store = new MemoryTaskStore();
  });

  afterAll(() => database.drop());

  const ids = (): string[] => store.tasks().map(({ id }) => id);

  it('has its tasks when that has committed, and calls back then', async () => {
    const tasks = [newTask(), newTask()];
    let committed = false;
    await database.dataSource.transaction(async (manager) => {
      expect(await store.outbox.enqueue(tasks, manager)).toMatchObject([{ isNew: true }, { isNew: true }]);
      expect(await store.outbox.enqueue(tasks.slice(1), manager)).toMatchObject([{ isNew: false }]);
      store.outbox.afterCommit(manager, () => (committed = true));
      await manager.query('SELECT 1');
      expect([ids(), committed]).toEqual([[], false]);
    });
    expect([ids(), committed]).toEqual([tasks.map(({ id }) => id), true]);
  });

  it('has none when that is rolled back', async () => {
    const undone = database.dataSource.transaction(async (manager) => {
      await store.outbox.enqueue([newTask()], manager);
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    await database.dataSource.transaction((manager) => manager.query('SELECT 1'));
    expect(ids()).toEqual([]);
  });

  it('refuses a manager that is in no transaction', async () => {
    await expect(store.outbox.enqueue([newTask()], database.dataSource.manager)).rejects.toThrow(/no open transaction/);
  });
});
