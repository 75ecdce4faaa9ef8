import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { explanationText, TaskServer } from '@celeriac/tasks';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { message, request, worker as aWorker } from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { Moment, playedTask, type Part } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import { untilExplained } from '../fixtures/until-explained.js';

const played = playedTask({ maxRetries: 0, timeLimit: 600 });

/** An app that sends, and consumes another queue. */
let sender: TaskApp;
let worker: TaskApp | undefined;

beforeAll(async () => {
  const queues = ['work', 'other'];
  sender = await startTaskApp({ providers: [], queues, worker: { queues: ['other'] }, contracts: [played.contract] });
  while (!sender.get(TaskServer).ready) await new Promise((resolve) => setImmediate(resolve));
});

afterEach(async () => {
  await worker?.close();
  worker = undefined;
});

afterAll(() => sender.drop());

async function startWorker(): Promise<void> {
  const options = { name: 'w1@host', concurrency: 2 };
  worker = await startTaskApp({ providers: [played.Player], beside: sender, worker: options });
}

async function send(part: Part, options: { expires?: number; softTimeLimit?: number } = {}): Promise<string> {
  const name = `part ${played.parts.size}`;
  played.parts.set(name, part);
  return (await sender.tasks.applyAsync(played.contract, { part: name }, options)).id;
}

/** A worker that is only a row: it holds claims, and never says anything. */
async function silentWorker(leaseMs: number): Promise<PostgresWorkerStore> {
  const store = new PostgresWorkerStore(sender.database.dataSource, aWorker('silent'));
  await store.renewLease(leaseMs);
  return store;
}

describe('a task that is being run', () => {
  it('says by whom, since when, how far it is, and how long it may take', async () => {
    const goOn = new Moment();
    await startWorker();
    const id = await send(
      (task) => {
        task.progress(1, 2);
        return goOn.come;
      },
      { softTimeLimit: 300 },
    );
    const run = await untilExplained(sender.tasks, id, 'running', ({ progress }) => progress !== null);
    expect(run).toMatchObject({
      worker: 'w1@host',
      attempt: 1,
      deaths: 0,
      isMessageReturned: false,
      revokeRequest: null,
    });
    expect(run.progress).toMatchObject({ state: 'PROGRESS', meta: { current: 1, total: 2 } });
    expect((run.softTimeLimitAt?.getTime() ?? 0) - run.startedAt.getTime()).toBe(300_000);
    expect((run.timeLimitAt?.getTime() ?? 0) - run.startedAt.getTime()).toBe(600_000);
    expect(run.leaseUntil.getTime()).toBeGreaterThan(run.at.getTime());
    goOn.now();
    await untilExplained(sender.tasks, id, 'succeeded');
  });

  it('says that it was revoked, and goes on', async () => {
    const goOn = new Moment();
    await startWorker();
    const id = await send(() => goOn.come);
    await untilExplained(sender.tasks, id, 'running');
    await sender.tasks.revoke(id);
    const { revokeRequest } = await sender.tasks.explain(id);
    expect(revokeRequest).toMatchObject({ terminate: false, at: expect.any(Date) });
    goOn.now();
    expect(await untilExplained(sender.tasks, id, 'succeeded')).toMatchObject({ revokeRequest: null });
  });

  it('says until when its silent worker holds it, then that it is dead, then who has taken it over', async () => {
    const goOn = new Moment();
    const id = await send(() => goOn.come);
    const silent = await silentWorker(60_000);
    expect(await silent.claim([request(id)])).toMatchObject([{ verdict: 'run' }]);
    // Another worker gets its message, and has to leave it alone.
    await startWorker();
    const held = await untilExplained(sender.tasks, id, 'running', ({ isMessageReturned }) => isMessageReturned);
    expect(held).toMatchObject({ worker: 'silent@test' });
    expect(explanationText(held)).toContain('if silent@test is dead, its lease runs out at');
    await silent.renewLease(0);
    const lost = await sender.tasks.explain(id);
    expect(lost).toMatchObject({ reason: 'worker_lost', worker: 'silent@test', messageDueAt: expect.any(Date) });
    await sender.database.dataSource.query('UPDATE outbox SET due_at = now()');
    const run = await untilExplained(sender.tasks, id, 'running', ({ worker: name }) => name === 'w1@host');
    expect(run).toMatchObject({ attempt: 2, deaths: 1 });
    goOn.now();
    await untilExplained(sender.tasks, id, 'succeeded');
    await silent.close();
  });

  it('says that it has to run alone, when it was given back for that', async () => {
    const id = await send(() => undefined);
    const [dead, busy] = [await silentWorker(60_000), await silentWorker(60_000)];
    await dead.claim([request(id)]);
    await dead.renewLease(0);
    await busy.claim([request(id)]);
    const back = { taskId: id, generation: 0, attempt: 2, message: message(), dueInMs: 60_000 };
    expect(await busy.handBack({ ...back, waitReason: 'lease' })).toBe(true);
    expect(await sender.tasks.explain(id)).toMatchObject({ reason: 'suspect', deaths: 1, state: 'PENDING' });
    await Promise.all([dead.close(), busy.close()]);
    await sender.tasks.revoke(id);
  });
});

describe('a task that has ended', () => {
  it('has succeeded', async () => {
    await startWorker();
    const id = await send(() => 'done');
    const { finished_at: finishedAt } = await sender.untilState(id, 'SUCCESS');
    expect(await sender.tasks.explain(id)).toMatchObject({ reason: 'succeeded', state: 'SUCCESS', finishedAt });
  });

  it('has failed, and says whether it is a dead letter', async () => {
    await startWorker();
    const failed = await send(() => {
      throw new RangeError('too far');
    });
    const rejected = await send((task) => task.reject('broken'));
    const error = { type: 'RangeError', message: 'too far' };
    expect(await untilExplained(sender.tasks, failed, 'failed')).toMatchObject({ error, deadLetterQueue: null });
    expect(await untilExplained(sender.tasks, rejected, 'failed')).toMatchObject({
      deadLetterQueue: 'work.dead_letters',
    });
  });

  it('was revoked', async () => {
    const id = await send(() => undefined, { expires: 600 });
    await sender.tasks.revoke(id);
    expect(await sender.tasks.explain(id)).toMatchObject({ reason: 'revoked', finishedAt: expect.any(Date) });
  });

  it('has expired', async () => {
    const id = await send(() => undefined, { expires: 0.001 });
    await startWorker();
    const explanation = await untilExplained(sender.tasks, id, 'expired');
    expect(explanation.expiresAt.getTime()).toBeLessThanOrEqual(explanation.finishedAt.getTime());
  });
});
