import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import type { FollowUps } from '../../libs/tasks/src/store/task-store.js';
import {
  foreignRequest,
  message,
  settlement,
  worker,
} from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { claimNew } from '../fixtures/claim-new.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

function letterTo(routingKey: string): FollowUps {
  return { tasks: [], letters: [{ message: { ...message(), exchange: '', routingKey }, mandatory: false }] };
}

describe('what follows from the end of a task', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;
  let ann: PostgresWorkerStore;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker');
    outbox = new PostgresOutboxStore(database.dataSource);
    ann = new PostgresWorkerStore(database.dataSource, worker('ann'));
    await ann.renewLease(60_000);
  });

  afterEach(() => Promise.all([outbox.close(), ann.close()]));

  afterAll(() => database.drop());

  it('fails alone if it cannot be stored', async () => {
    const ids = await claimNew(5, outbox, ann);
    const settled = await Promise.allSettled(
      ids.map((id, n) => ann.settle(settlement(id, { followUps: letterTo(n === 2 ? 'a\0b' : 'client') }))),
    );
    expect(settled.map(({ status }) => status)).toEqual(ids.map((_, n) => (n === 2 ? 'rejected' : 'fulfilled')));
    expect(await database.dataSource.query('SELECT FROM outbox')).toHaveLength(4);
  });

  it('leaves a task that a claim would end as it was, if it cannot be stored', async () => {
    const followUpsOf = (): FollowUps => letterTo('a\0b');
    await expect(ann.claim([foreignRequest('a', { followUpsOf })])).rejects.toThrow();
    expect(await database.dataSource.query('SELECT FROM task')).toEqual([]);
  });
});
