import * as jest from '@jest/globals';
import { OutboxEntity, PostgresTaskStore, TaskAttemptEntity, TaskEntity } from '@celeriac/tasks';
import { describeTaskStore } from '@celeriac/tasks/testing';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

let database: TaskDatabase;

jest.beforeAll(async () => {
  database = await createTaskDatabase();
});

jest.afterAll(() => database.drop());

describeTaskStore(
  'PostgresTaskStore',
  async () => {
    const { dataSource } = database;
    await dataSource.query('TRUNCATE task, task_attempt, outbox, worker');
    return {
      store: new PostgresTaskStore(dataSource),
      task: async (id) => (await dataSource.getRepository(TaskEntity).findOneBy({ id })) ?? undefined,
      attempts: (taskId) =>
        dataSource.getRepository(TaskAttemptEntity).find({ where: { taskId }, order: { number: 1 } }),
      messages: () => dataSource.getRepository(OutboxEntity).find({ order: { id: 1 } }),
      transaction: (work) => dataSource.transaction(work),
    };
  },
  jest,
);
