import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineTask,
  TaskHandler,
  threadHandler,
  type TaskOptions,
  type TaskWorkerModuleOptions,
} from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import { inThread } from '../fixtures/threads/in-thread.js';
import { ThreadWatch } from '../fixtures/threads/thread-watch.js';

const MODULE = new URL('../dist/fixtures/threads/in-thread.thread.js', import.meta.url);

const inLoop = defineTask({ name: 'test.in_loop', input: z.object({}), queue: 'work' });

@Injectable()
class InLoop {
  @TaskHandler(inLoop)
  run(): string {
    return 'done';
  }
}

describe('a task that runs in a thread', () => {
  let watch: ThreadWatch;
  let app: TaskApp;
  let file: string;

  beforeEach(async () => {
    watch = await ThreadWatch.start();
    file = join(tmpdir(), `celeriac-thread-${randomUUID()}`);
  });

  afterEach(async () => {
    await app.drop();
    await watch.close();
    await rm(file, { force: true });
  });

  async function start(
    worker: Partial<TaskWorkerModuleOptions> = {},
    options: Partial<TaskOptions> = {},
  ): Promise<void> {
    app = await startTaskApp({
      providers: [threadHandler(inThread, MODULE), InLoop],
      contracts: [inThread, inLoop],
      annotations: { [inThread.name]: options },
      worker: { threads: 2, ...worker },
    });
  }

  it('gives its result', async () => {
    await start();
    const { id } = await app.tasks.delay(inThread, { what: 'say what it got', at: new Date(0) });
    const { result } = await app.untilState(id, 'SUCCESS');
    expect(result).toMatchObject({ input: [true, new Date(0).toISOString()], facts: [id, inThread.name, 0, 1, {}] });
    expect(result).not.toMatchObject({ threadId: 0 });
  });

  it('fails, is tried again and snoozes as its errors say', async () => {
    await start();
    const failed = await app.tasks.delay(inThread, { what: 'fail for good' });
    expect(await app.untilState(failed.id, 'FAILURE')).toMatchObject({ retries: 0, error: { type: 'TooFullError' } });
    const retried = await app.tasks.delay(inThread, { what: 'ask for a retry' });
    expect(await app.untilState(retried.id, 'RETRY')).toMatchObject({ retries: 1, error: { message: 'Not yet' } });
    const snoozed = await app.tasks.delay(inThread, { what: 'snooze' });
    expect(await app.untilRow(snoozed.id, (row) => row.wait_reason === 'snoozed')).toMatchObject({ retries: 0 });
  });

  it("fails with an error of its own by the contract's rules", async () => {
    await start();
    const { id } = await app.tasks.delay(inThread, { what: 'fail as the contract knows' });
    expect(await app.untilState(id, 'FAILURE')).toMatchObject({ retries: 0, error: { type: 'QuotaError' } });
    await app.untilLogged(/failed, as it may: There are 3/);
  });

  it('reports its progress and logs', async () => {
    await start();
    const { id } = await app.tasks.delay(inThread, { what: 'report' });
    expect(await app.untilState(id, 'SUCCESS')).toMatchObject({
      progress: { state: 'PROGRESS', meta: { current: 1, total: 2, message: 'half' } },
    });
    await app.untilLogged(new RegExp(`^warn .*${id}.*half way`));
  });

  it('may pass its point of no return', async () => {
    await start();
    const { id } = await app.tasks.delay(inThread, { what: 'pass the point of no return' });
    expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ result: 'passed' });
  });

  it('is told of its soft time limit, in the middle of a loop', async () => {
    await start({}, { softTimeLimit: 1, maxRetries: 0 });
    const { id } = await app.tasks.delay(inThread, { what: 'hold the CPU until aborted' });
    expect(await app.untilState(id, 'FAILURE')).toMatchObject({ error: { type: 'SoftTimeLimitExceeded' } });
  });

  it('is ended at its hard time limit with its thread, and the worker goes on', async () => {
    await start({ threads: 1 }, { softTimeLimit: 1, timeLimit: 2 });
    const { id } = await app.tasks.delay(inThread, { what: 'hold the CPU', port: watch.port });
    const run = await watch.next();
    await run.ended;
    expect(await app.untilState(id, 'FAILURE')).toMatchObject({ retries: 0, error: { type: 'TimeLimitExceeded' } });
    const next = await app.tasks.delay(inThread, { what: 'add' });
    await app.untilState(next.id, 'SUCCESS');
  });

  it('is ended with its thread when it is revoked with terminate', async () => {
    await start();
    const { id } = await app.tasks.delay(inThread, { what: 'hold the CPU', port: watch.port });
    const run = await watch.next();
    await app.tasks.revoke(id, { terminate: true });
    await run.ended;
    expect(await app.untilState(id, 'REVOKED')).toMatchObject({ error: { type: 'TaskRevokedError' } });
  });

  it('is told of a revoke without terminate, in the middle of a loop', async () => {
    await start();
    const { id } = await app.tasks.delay(inThread, { what: 'hold the CPU until aborted', port: watch.port });
    await watch.next();
    await app.tasks.revoke(id);
    expect(await app.untilState(id, 'REVOKED')).toMatchObject({ retries: 0 });
  });

  it('is tried again when its thread was lost, and the worker goes on', async () => {
    await start();
    const { id } = await app.tasks.delay(inThread, { what: 'exit' });
    expect(await app.untilState(id, 'FAILURE')).toMatchObject({
      retries: 1,
      error: { type: 'ThreadLostError', message: expect.stringContaining('exited with code: 7') },
    });
    const next = await app.tasks.delay(inThread, { what: 'add' });
    expect(await app.untilState(next.id, 'SUCCESS')).toMatchObject({ result: 2 });
  });

  it('holds the CPU longer than the lease, which is kept, while other tasks run', async () => {
    await start({ leaseMs: 300 });
    const { id } = await app.tasks.delay(inThread, { what: 'hold the CPU until told', port: watch.port, file });
    await watch.next();
    const isPastFirstLease = async (): Promise<boolean> => {
      const [row] = await app.database.dataSource.query(
        `SELECT bool_and(now() > task.started_at + interval '600 ms' AND lease_until > now()) AS past
         FROM task JOIN worker ON worker.id = task.worker_id WHERE task.id = $1`,
        [id],
      );
      return row.past === true;
    };
    while (!(await isPastFirstLease()));
    const other = await app.tasks.delay(inLoop, {});
    await app.untilState(other.id, 'SUCCESS');
    await writeFile(file, '');
    expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ result: 'told', attempt: 1 });
  });

  it('is not claimed before a thread is free, and holds up no other task', async () => {
    await start({ threads: 1 });
    const first = await app.tasks.delay(inThread, { what: 'hold the CPU until told', port: watch.port, file });
    await watch.next();
    const second = await app.tasks.delay(inThread, { what: 'add' });
    const other = await app.tasks.delay(inLoop, {});
    await app.untilState(other.id, 'SUCCESS');
    expect(await app.rowOf(second.id)).toMatchObject({ state: 'PENDING', attempt: 0 });
    await writeFile(file, '');
    await app.untilState(first.id, 'SUCCESS');
    await app.untilState(second.id, 'SUCCESS');
  });

  it('is given back by a stop that can wait no longer, and its thread ends', async () => {
    await start();
    const { id } = await app.tasks.delay(inThread, { what: 'hold the CPU', port: watch.port });
    const run = await watch.next();
    await app.close();
    await run.ended;
    expect(await app.rowOf(id)).toMatchObject({ state: 'PENDING', generation: 1, retries: 0 });
  });
});
