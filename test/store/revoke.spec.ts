import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { foreignRequest, message, newTask, request, settlement, worker } from './builders.js';

const LEASE_MS = 60_000;

describe('a revoke', () => {
  let database: TaskDatabase;
  let outbox: PostgresOutboxStore;
  let ann: PostgresWorkerStore;
  let bob: PostgresWorkerStore;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker, revoked_task');
    outbox = new PostgresOutboxStore(database.dataSource);
    ann = new PostgresWorkerStore(database.dataSource, worker('ann'));
    bob = new PostgresWorkerStore(database.dataSource, worker('bob'));
    await Promise.all([ann.renewLease(LEASE_MS), bob.renewLease(LEASE_MS)]);
  });

  afterEach(() => Promise.all([outbox.close(), ann.close(), bob.close()]));

  afterAll(() => database.drop());

  async function sent(change = {}): Promise<string> {
    const task = newTask(change);
    await outbox.enqueueOne(task);
    return task.id;
  }

  async function revoke(...ids: string[]): Promise<unknown[]> {
    const outcomes = await outbox.revoke(ids, { terminate: false });
    return ids.map((id) => outcomes.get(id));
  }

  function query(sql: string): Promise<unknown> {
    return database.dataSource.query(sql);
  }

  async function verdicts(...requests: Array<ReturnType<typeof request>>): Promise<string[]> {
    return (await ann.claim(requests)).map(({ verdict }) => verdict);
  }

  it('says what became of each task, and leaves a row for those alone that have not ended', async () => {
    const [waiting, running, ended] = [await sent(), await sent(), await sent()];
    await ann.claim([request(running), request(ended)]);
    await ann.settle(settlement(ended));
    expect(await revoke(waiting, running, ended, 'later', 'later')).toEqual([
      'revoked',
      'running',
      'ended',
      'unknown',
      'unknown',
    ]);
    expect(await query(`SELECT task_id, terminate FROM revoked_task ORDER BY task_id = 'later'`)).toEqual([
      { task_id: running, terminate: false },
      { task_id: 'later', terminate: false },
    ]);
    expect(await query(`SELECT state, finished_at IS NOT NULL AS ended FROM task WHERE id = '${waiting}'`)).toEqual([
      { state: 'REVOKED', ended: true },
    ]);
    expect(await query(`SELECT FROM outbox WHERE task_id = '${waiting}'`)).toEqual([]);
    expect(await verdicts(request(waiting))).toEqual(['stale']);
  });

  it('of what waits alone remembers nothing', async () => {
    const [waiting, running] = [await sent(), await sent()];
    await ann.claim([request(running)]);
    const outcomes = await outbox.revoke([waiting, running, 'later'], null);
    expect([...outcomes.values()].toSorted()).toEqual(['revoked', 'running', 'unknown']);
    expect(await query('SELECT FROM revoked_task')).toEqual([]);
  });

  it('holds for a task of ours and for a foreign one that come later', async () => {
    const [id, python] = [uuidv7(), `python-${uuidv7()}`];
    await revoke(id, python);
    await sent({ id });
    expect(await verdicts(request(id), foreignRequest(python))).toEqual(['revoked', 'revoked']);
    const rows = await query('SELECT state, attempt, worker_id, finished_at IS NOT NULL AS ended FROM task');
    const revoked = { state: 'REVOKED', attempt: 0, worker_id: null, ended: true };
    expect(rows).toEqual([revoked, revoked]);
    expect(await verdicts(request(id), foreignRequest(python))).toEqual(['stale', 'stale']);
  });

  it('ends a retry that was written after it', async () => {
    const id = await sent();
    await ann.claim([request(id)]);
    expect(await revoke(id)).toEqual(['running']);
    const next = { message: message(), dueInMs: 0 };
    await ann.settle(settlement(id, { state: 'RETRY', retries: 1, next }));
    expect(await verdicts(request(id, { generation: 1, retries: 1 }))).toEqual(['revoked']);
    expect(await query('SELECT state FROM task')).toEqual([{ state: 'REVOKED' }]);
  });

  it("ends a dead worker's task instead of its being taken over, and keeps what is known of the run", async () => {
    const id = await sent();
    await bob.claim([request(id)]);
    await bob.passPointOfNoReturn({ taskId: id, attempt: 1 });
    expect(await revoke(id)).toEqual(['running']);
    expect(await verdicts(request(id))).toEqual(['leased']);
    await bob.renewLease(0);
    expect(await verdicts(request(id))).toEqual(['revoked']);
    expect(await query('SELECT outcome, point_of_no_return_at IS NOT NULL AS passed FROM task_attempt')).toEqual([
      { outcome: 'WORKER_LOST', passed: true },
    ]);
  });

  it('is found by the worker that runs the task; that it is to be ended at once is not taken back', async () => {
    const [first, second] = [await sent(), await sent()];
    await ann.claim([request(first), request(second)]);
    expect(await ann.findRevoked([first, second])).toEqual([]);
    await revoke(first);
    expect(await ann.findRevoked([first, second])).toEqual([{ taskId: first, terminate: false }]);
    await outbox.revoke([first], { terminate: true });
    await revoke(first);
    expect(await ann.findRevoked([first, second])).toEqual([{ taskId: first, terminate: true }]);
  });

  it('that meets a claim in the same moment ends the task, or is found by the run', async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, () => sent()));
    const [answers, outcomes] = await Promise.all([
      ann.claim(ids.map((id) => request(id))),
      outbox.revoke(ids.toReversed(), { terminate: false }),
    ]);
    const found = new Set((await ann.findRevoked(ids)).map(({ taskId }) => taskId));
    for (const { taskId, verdict } of answers) {
      expect([verdict, outcomes.get(taskId), found.has(taskId)]).toEqual(
        verdict === 'run' ? ['run', 'running', true] : ['stale', 'revoked', false],
      );
    }
  });

  it('is forgotten after 30 days', async () => {
    await revoke('young', 'old');
    await query(`UPDATE revoked_task SET created_at = now() - interval '31 days' WHERE task_id = 'old'`);
    await ann.forgetOld();
    expect(await query('SELECT task_id FROM revoked_task')).toEqual([{ task_id: 'young' }]);
  });
});
