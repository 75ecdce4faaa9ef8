import * as jest from '@jest/globals';
import { OutboxEntity, PostgresTaskStore, TaskAttemptEntity, TaskEntity } from '@celeriac/tasks';
import { describeTaskStore } from '@celeriac/tasks/testing';
import type { DataSource } from 'typeorm';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

/** The columns that hold times, by table. */
const TIMES: Record<string, string[]> = {
  task: ['created_at', 'due_at', 'expires_at', 'forget_after', 'started_at', 'finished_at', 'sent_back_at'],
  task_attempt: ['started_at', 'finished_at', 'point_of_no_return_at'],
  outbox: ['due_at'],
  worker: ['started_at', 'lease_until'],
  revoked_task: ['created_at'],
  rate_bucket: ['next_slot_at', 'started_until'],
  unique_task: ['until'],
};

async function moveBack(dataSource: DataSource, seconds: number): Promise<void> {
  for (const [table, columns] of Object.entries(TIMES)) {
    const changes = columns.map((column) => `${column} = ${column} - $1 * interval '1 second'`);
    await dataSource.query(`UPDATE ${table} SET ${changes.join()}`, [seconds]);
  }
}

let database: TaskDatabase;

jest.beforeAll(async () => {
  database = await createTaskDatabase();
});

jest.afterAll(() => database.drop());

describeTaskStore(
  'PostgresTaskStore',
  async () => {
    const { dataSource } = database;
    await dataSource.query(`TRUNCATE ${Object.keys(TIMES).join()}, rate_limit`);
    return {
      store: new PostgresTaskStore(dataSource),
      task: async (id) => (await dataSource.getRepository(TaskEntity).findOneBy({ id })) ?? undefined,
      attempts: (taskId) =>
        dataSource.getRepository(TaskAttemptEntity).find({ where: { taskId }, order: { number: 1 } }),
      messages: () => dataSource.getRepository(OutboxEntity).find({ order: { id: 1 } }),
      transaction: (work) => dataSource.transaction(work),
      pass: (seconds) => moveBack(dataSource, seconds),
    };
  },
  jest,
);
