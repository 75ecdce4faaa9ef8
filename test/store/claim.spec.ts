import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { newTask, request, worker } from '../../libs/tasks/src/testing/conformance/store/builders.js';

const LEASE_MS = 60_000;

describe('the claim', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;
  let ann: PostgresWorkerStore;
  let bob: PostgresWorkerStore;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(async () => {
    outbox = new PostgresOutboxStore(database.dataSource);
    ann = new PostgresWorkerStore(database.dataSource, worker('ann'));
    bob = new PostgresWorkerStore(database.dataSource, worker('bob'));
    await Promise.all([ann.renewLease(LEASE_MS), bob.renewLease(LEASE_MS)]);
  });

  afterEach(async () => {
    await Promise.all([outbox.close(), ann.close(), bob.close()]);
  });

  afterAll(() => database.drop());

  it('sees a lease that was renewed while it waited for the row', async () => {
    const task = newTask();
    await outbox.enqueueOne(task);
    const { id } = task;
    await ann.claim([request(id)]);
    await ann.renewLease(0);
    const runner = database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM task WHERE id = $1 FOR UPDATE', [id]);
    const claimed = bob.claim([request(id)]);
    // Bob's statement has its snapshot, and waits for the row.
    for (let waits = false; !waits;) {
      const [waiting] = await database.dataSource.query(
        `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      waits = waiting.count > 0;
    }
    await ann.renewLease(LEASE_MS);
    await runner.commitTransaction();
    await runner.release();
    expect(await claimed).toMatchObject([{ verdict: 'leased' }]);
  });
});
