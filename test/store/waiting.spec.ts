import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { message, newTask, request, settlement, worker } from './builders.js';

describe('tasks that wait', () => {
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
  });

  afterEach(async () => {
    await Promise.all([outbox.close(), ann.close()]);
  });

  afterAll(() => database.drop());

  /** One after the other, so that it is known which came first. */
  async function sent(count: number, queue = 'mail'): Promise<string[]> {
    const tasks = Array.from({ length: count }, () => newTask({ queue, leaseMs: 60_000 }));
    for (const task of tasks) await outbox.enqueueOne(task);
    return tasks.map(({ id }) => id);
  }

  it('know how many of their queue are before them, and whether anybody is there to run them', async () => {
    const ids = await sent(4);
    await sent(2, 'another');
    const [last = ''] = await sent(1);
    expect(await outbox.waits([last])).toEqual([
      {
        taskId: last,
        waitReason: null,
        dueAt: null,
        isEarly: false,
        isUnpublished: true,
        hasWorker: false,
        before: 4,
        isMore: false,
      },
    ]);
    await ann.renewLease(60_000);
    await ann.claim([request(ids[0] ?? '')]);
    expect(await outbox.waits([last])).toMatchObject([{ hasWorker: true, before: 3 }]);
    // One that was put off is overtaken.
    await ann.settle(settlement(ids[0] ?? '', { state: 'SNOOZE', next: { message: message(), dueInMs: 60_000 } }));
    expect(await outbox.waits([last])).toMatchObject([{ before: 3 }]);
  });

  it('say that there may be more before them than were looked at, and nothing when they wait once more', async () => {
    await ann.renewLease(60_000);
    await Promise.all(Array.from({ length: 501 }, () => outbox.enqueueOne(newTask({ queue: 'another' }))));
    const [id = ''] = await sent(1);
    expect(await outbox.waits([id])).toMatchObject([{ before: 0, isMore: true }]);
    await ann.claim([request(id)]);
    await ann.settle(settlement(id, { state: 'SNOOZE', next: { message: message(), dueInMs: 60_000 } }));
    expect(await outbox.waits([id])).toMatchObject([{ waitReason: 'snoozed', isEarly: true, before: null }]);
    await outbox.wake(['test.task'], 'snoozed');
    expect(await outbox.waits([id])).toMatchObject([{ waitReason: null, isEarly: false, before: null }]);
  });

  it('are woken some at a time', async () => {
    const ids = await sent(3);
    await ann.renewLease(60_000);
    await ann.claim(ids.map((id) => request(id)));
    const next = { message: message(), dueInMs: 60_000 };
    await Promise.all(ids.map((id) => ann.settle(settlement(id, { state: 'SNOOZE', next }))));
    await outbox.wake(['test.task'], 'snoozed', 2);
    expect(await outbox.takeDue(10, 1000)).toHaveLength(2);
    await outbox.wake(['test.task'], 'snoozed');
    expect(await outbox.takeDue(10, 1000)).toHaveLength(1);
  });

  it('are left out when they do not wait', async () => {
    const [id = ''] = await sent(1);
    await ann.renewLease(60_000);
    await ann.claim([request(id)]);
    expect(await outbox.waits([id, 'unknown'])).toEqual([]);
  });

  it('are revoked, and no message of theirs runs any more', async () => {
    const [first = '', second = ''] = await sent(2);
    await ann.renewLease(60_000);
    await ann.claim([request(second)]);
    expect(await outbox.revoke([first, second, 'unknown'], null)).toEqual(
      new Map([
        [first, 'revoked'],
        [second, 'running'],
        ['unknown', 'unknown'],
      ]),
    );
    expect(await outbox.revoke([first], null)).toEqual(new Map([[first, 'ended']]));
    expect(await ann.claim([request(first)])).toMatchObject([{ verdict: 'stale' }]);
    const rows: unknown = await database.dataSource.query('SELECT task_id FROM outbox');
    expect(rows).toEqual([{ task_id: second }]);
  });
});
