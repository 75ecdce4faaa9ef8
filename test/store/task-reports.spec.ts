import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { LogLine } from '@celeriac/tasks';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { message, newTask, request, settlement, worker } from './builders.js';

const HALF = { state: 'PROGRESS', meta: { current: 1, total: 2 } };
const LINES: LogLine[] = [{ at: '2026-01-02T03:04:05.000Z', level: 'warn', message: 'careful' }];

describe('what a run says of itself', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;
  let ann: PostgresWorkerStore;
  let bob: PostgresWorkerStore;
  let id: string;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker');
    outbox = new PostgresOutboxStore(database.dataSource);
    ann = new PostgresWorkerStore(database.dataSource, worker('ann'));
    bob = new PostgresWorkerStore(database.dataSource, worker('bob'));
    await Promise.all([ann.renewLease(60_000), bob.renewLease(60_000)]);
    const task = newTask({ leaseMs: 60_000 });
    id = task.id;
    await outbox.enqueueOne(task);
    await ann.claim([request(id)]);
  });

  afterEach(() => Promise.all([outbox.close(), ann.close(), bob.close()]));

  afterAll(() => database.drop());

  const half = (attempt = 1) => ({ taskId: id, attempt, progress: JSON.stringify(HALF) });
  const snooze = { state: 'SNOOZE', next: { message: message(), dueInMs: 0 } } as const;

  async function progress(): Promise<unknown> {
    const [row] = (await database.dataSource.query('SELECT progress FROM task')) as [{ progress: unknown }];
    return row.progress;
  }

  function attempts(): Promise<unknown[]> {
    return database.dataSource.query('SELECT number, outcome, log, point_of_no_return_at FROM task_attempt');
  }

  it('is written, if the claim is still held', async () => {
    expect(await Promise.all([ann.writeProgress(half()), bob.writeProgress(half())])).toEqual([true, false]);
    expect(await progress()).toEqual(HALF);
    expect(await ann.writeProgress({ ...half(2), progress: '{}' })).toBe(false);
    expect(await progress()).toEqual(HALF);
  });

  it('is not written after the settle', async () => {
    await ann.settle(settlement(id));
    expect(await ann.writeProgress(half())).toBe(false);
    expect(await progress()).toBeNull();
  });

  it('stays as it is when the settle has nothing newer', async () => {
    await ann.writeProgress(half());
    await ann.settle(settlement(id));
    expect(await progress()).toEqual(HALF);
  });

  it('is replaced by the settle when that has', async () => {
    await ann.writeProgress({ ...half(), progress: '{"state":"OLD","meta":{}}' });
    await ann.settle(settlement(id, { progress: JSON.stringify(HALF) }));
    expect(await progress()).toEqual(HALF);
  });

  it('goes when another worker takes the task over from one that has died', async () => {
    await ann.writeProgress(half());
    await ann.renewLease(0);
    expect(await bob.claim([request(id)])).toMatchObject([{ verdict: 'run', attempt: 2 }]);
    expect(await progress()).toBeNull();
    expect(await ann.writeProgress(half())).toBe(false);
    expect(await progress()).toBeNull();
  });

  it('is kept as the log of the attempt, also of one that was put off', async () => {
    await ann.settle(settlement(id, { ...snooze, log: LINES }));
    expect(await attempts()).toEqual([{ number: 1, outcome: 'SNOOZE', log: LINES, point_of_no_return_at: null }]);
  });

  it('is added to an attempt that is there already', async () => {
    await ann.passPointOfNoReturn({ taskId: id, attempt: 1 });
    await ann.settle(settlement(id, { ...snooze, log: LINES }));
    expect(await attempts()).toEqual([
      { number: 1, outcome: 'SNOOZE', log: LINES, point_of_no_return_at: expect.any(Date) },
    ]);
  });

  it('is no reason for an attempt when it was put off in silence', async () => {
    await ann.settle(settlement(id, snooze));
    expect(await attempts()).toEqual([]);
  });

  it.each(['REVOKED', 'IGNORED'] as const)('may be that it was %s', async (state) => {
    await ann.settle(settlement(id, { state }));
    const expected = state === 'IGNORED' ? 'SUCCESS' : 'REVOKED';
    expect(await database.dataSource.query('SELECT state, worker_id, result FROM task')).toEqual([
      { state: expected, worker_id: null, result: null },
    ]);
    expect(await attempts()).toMatchObject([{ outcome: state }]);
  });
});
