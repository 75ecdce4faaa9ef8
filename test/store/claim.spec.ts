import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import type { ClaimVerdict } from '../../libs/tasks/src/store/task-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { foreignRequest, message, newTask, request, settlement, worker } from './builders.js';

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

  async function enqueue(change = {}): Promise<string> {
    const task = newTask(change);
    await outbox.enqueueOne(task);
    return task.id;
  }

  async function verdict(store: PostgresWorkerStore, ...requests: Array<ReturnType<typeof request>>) {
    return (await store.claim(requests)).map((answer): ClaimVerdict => answer.verdict);
  }

  async function row(id: string): Promise<Record<string, unknown>> {
    const [found] = (await database.dataSource.query('SELECT * FROM task WHERE id = $1', [id])) as [
      Record<string, unknown>,
    ];
    return found;
  }

  it('gives a task to the first who asks', async () => {
    const id = await enqueue();
    expect(await ann.claim([request(id)])).toMatchObject([{ verdict: 'run', attempt: 1, retries: 0, generation: 0 }]);
    expect(await row(id)).toMatchObject({ state: 'STARTED', attempt: 1, deaths: 0 });
    expect(await verdict(bob, request(id))).toEqual(['leased']);
  });

  it('gives a task that two workers ask for in the same moment to one of them', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => enqueue()));
    const [first, second] = await Promise.all([
      verdict(ann, ...ids.map((id) => request(id))),
      verdict(bob, ...ids.toReversed().map((id) => request(id))),
    ]);
    const winners = first.map((answer, index) => [answer, second.toReversed()[index]].toSorted());
    expect(winners).toEqual(ids.map(() => ['leased', 'run']));
  });

  it('forgets what carries another generation, or is done', async () => {
    const id = await enqueue();
    expect(await verdict(ann, request(id, { generation: 1 }))).toEqual(['stale']);
    await ann.claim([request(id)]);
    await ann.settle(settlement(id));
    expect(await verdict(ann, request(id))).toEqual(['stale']);
  });

  it('says that one of ours has no row', async () => {
    expect(await verdict(ann, request(uuidv7()))).toEqual(['missing']);
  });

  it('ends what has expired', async () => {
    const id = await enqueue({ expiresAt: new Date(Date.now() - 1000) });
    expect(await verdict(ann, request(id))).toEqual(['expired']);
    expect(await row(id)).toMatchObject({ state: 'REVOKED' });
  });

  it("takes over a dead worker's task, and counts the death", async () => {
    const id = await enqueue();
    await ann.claim([request(id)]);
    await ann.renewLease(0);
    expect(await bob.claim([request(id)])).toMatchObject([
      { verdict: 'run', attempt: 2, deaths: 1, interruptedAfterPointOfNoReturn: false },
    ]);
    const attempts = await database.dataSource.query('SELECT number, outcome FROM task_attempt WHERE task_id = $1', [
      id,
    ]);
    expect(attempts).toEqual([{ number: 1, outcome: 'WORKER_LOST' }]);
  });

  it('tells who takes over that the effect may have happened', async () => {
    const id = await enqueue();
    await ann.claim([request(id)]);
    expect(await ann.passPointOfNoReturn({ taskId: id, attempt: 1 })).toBe(true);
    await ann.renewLease(0);
    expect(await bob.claim([request(id)])).toMatchObject([{ attempt: 2, interruptedAfterPointOfNoReturn: true }]);
  });

  it('still tells so when the one who took over died as well, or gave the task back', async () => {
    const id = await enqueue();
    await ann.claim([request(id)]);
    await ann.passPointOfNoReturn({ taskId: id, attempt: 1 });
    await ann.renewLease(0);
    expect(await bob.claim([request(id)])).toMatchObject([{ interruptedAfterPointOfNoReturn: true }]);
    await bob.renewLease(0);
    const cid = new PostgresWorkerStore(database.dataSource, worker('cid'));
    await cid.renewLease(LEASE_MS);
    expect(await cid.claim([request(id)])).toMatchObject([{ attempt: 3, interruptedAfterPointOfNoReturn: true }]);
    const back = { taskId: id, generation: 0, attempt: 3, message: message(), dueInMs: 0, waitReason: null };
    expect(await cid.handBack(back)).toBe(true);
    expect(await cid.claim([request(id, { generation: 1 })])).toMatchObject([
      { interruptedAfterPointOfNoReturn: true },
    ]);
    await cid.close();
  });

  it('gives a task again to the worker that holds it and does not know: its answer was lost', async () => {
    const id = await enqueue();
    await ann.claim([request(id)]);
    expect(await ann.claim([request(id, { isRunning: true })])).toMatchObject([{ verdict: 'leased' }]);
    expect(await ann.claim([request(id)])).toMatchObject([{ verdict: 'run', attempt: 2, deaths: 0 }]);
    expect(await ann.settle(settlement(id, { attempt: 2 }))).toBe(true);
  });

  it('sees a lease that was renewed while it waited for the row', async () => {
    const id = await enqueue();
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

  it('lets nobody pass the point of no return who does not hold the task', async () => {
    const id = await enqueue();
    await ann.claim([request(id)]);
    await ann.renewLease(0);
    await bob.claim([request(id)]);
    expect(await ann.passPointOfNoReturn({ taskId: id, attempt: 1 })).toBe(false);
    expect(await bob.passPointOfNoReturn({ taskId: id, attempt: 2 })).toBe(true);
  });

  it('gives up a task that three workers died of', async () => {
    const id = await enqueue();
    const answers: string[] = [];
    for (let death = 0; death < 5; death += 1) {
      const store = new PostgresWorkerStore(database.dataSource, worker(`doomed${death}`));
      await store.renewLease(LEASE_MS);
      answers.push(...(await verdict(store, request(id))));
      await store.renewLease(0);
      await store.close();
    }
    expect(answers).toEqual(['run', 'run', 'run', 'lost', 'stale']);
    expect(await row(id)).toMatchObject({ state: 'FAILURE', deaths: 3, error: { type: 'WorkerLostError' } });
  });

  describe('of a foreign message', () => {
    it('makes the row', async () => {
      const id = `python-${uuidv7()}`;
      expect(await verdict(ann, foreignRequest(id))).toEqual(['run']);
      expect(await row(id)).toMatchObject({ name: 'test.task', state: 'STARTED', attempt: 1, generation: 0 });
    });

    it('goes to one of two who ask in the same moment', async () => {
      const ids = Array.from({ length: 20 }, () => `python-${uuidv7()}`);
      const answers = await Promise.all([
        verdict(ann, ...ids.map((id) => foreignRequest(id))),
        verdict(bob, ...ids.map((id) => foreignRequest(id))),
      ]);
      for (const index of ids.keys()) {
        const pair = answers.map((answer) => answer[index]);
        expect(pair.filter((answer) => answer === 'run')).toHaveLength(1);
        expect(['leased', 'again']).toContain(pair.find((answer) => answer !== 'run'));
      }
    });

    it('is fenced by its retries', async () => {
      const id = `python-${uuidv7()}`;
      await ann.claim([foreignRequest(id)]);
      await ann.settle(
        settlement(id, { state: 'RETRY', retries: 1, next: { message: newTask().message, dueInMs: 0 } }),
      );
      expect(await verdict(bob, foreignRequest(id), foreignRequest(`${id}-other`))).toEqual(['stale', 'run']);
    });

    it('is not run when it has expired', async () => {
      const id = `python-${uuidv7()}`;
      const { foreign } = foreignRequest(id);
      const expired = foreign && { ...foreign, expiresAt: new Date(0) };
      expect(await verdict(ann, foreignRequest(id, { foreign: expired }))).toEqual(['expired']);
      expect(await row(id)).toMatchObject({ state: 'REVOKED' });
    });
  });
});
