import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineTask, TaskContext, TaskHandler } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import { request, worker as aWorker } from '../../libs/tasks/src/testing/conformance/store/builders.js';

const input = z.object({});
const again = defineTask({ name: 'test.again', input, queue: 'work' });
const early = defineTask({ name: 'test.early', input, queue: 'work', acksLate: false });
const lost = defineTask({ name: 'test.lost', input, queue: 'work', rejectOnWorkerLost: false });

@Injectable()
class Handlers {
  readonly running = new Map<string, () => void>();
  readonly begun: string[] = [];

  @TaskHandler(again)
  runAgain(_input: object, task: TaskContext): Promise<void> {
    return this.run(task);
  }

  @TaskHandler(early)
  runEarly(_input: object, task: TaskContext): Promise<void> {
    return this.run(task);
  }

  @TaskHandler(lost)
  runLost(_input: object, task: TaskContext): Promise<void> {
    return this.run(task);
  }

  end(id: string): void {
    this.running.get(id)?.();
  }

  private async run({ id }: TaskContext): Promise<void> {
    this.begun.push(id);
    await new Promise<void>((resolve) => this.running.set(id, resolve));
    this.running.delete(id);
  }
}

describe('a task whose worker is gone', () => {
  let client: TaskApp;
  let worker: TaskApp | undefined;

  beforeEach(async () => {
    client = await startTaskApp({ providers: [Handlers], worker: { queues: [] } });
  });

  afterEach(async () => {
    await worker?.drop();
    worker = undefined;
    await client.drop();
  });

  async function startWorker(shutdownTimeoutMs = 10_000): Promise<Handlers> {
    worker = await startTaskApp({ providers: [Handlers], worker: { shutdownTimeoutMs }, beside: client });
    return worker.get(Handlers);
  }

  /** A worker that has claimed the task and is not there any more. */
  async function loseWorkerOf(id: string): Promise<void> {
    const store = new PostgresWorkerStore(client.database.dataSource, aWorker('gone'));
    await store.renewLease(10_000);
    expect(await store.claim([request(id)])).toMatchObject([{ verdict: 'run' }]);
    await store.renewLease(0);
    await store.close();
  }

  it('is run again', async () => {
    const { id } = await client.tasks.delay(again, {});
    await loseWorkerOf(id);
    const handlers = await startWorker();
    await client.untilRow(id, ({ attempt }) => attempt === 2);
    handlers.end(id);
    expect(await client.untilState(id, 'SUCCESS')).toMatchObject({ attempt: 2, deaths: 1 });
  });

  it.each([early, lost])('is FAILURE, and not run again, with what $name says', async (contract) => {
    const { id } = await client.tasks.delay(contract, {});
    await loseWorkerOf(id);
    const handlers = await startWorker();
    expect(await client.untilState(id, 'FAILURE')).toMatchObject({ error: { type: 'WorkerLostError' } });
    expect(handlers.begun).toEqual([]);
  });

  it('is FAILURE too when the worker stopped in the middle and it may run once only', async () => {
    const { id } = await client.tasks.delay(early, {});
    const first = await startWorker(0);
    await client.untilState(id, 'STARTED');
    first.end(id);
    const stuck = await client.tasks.delay(early, {});
    await client.untilState(stuck.id, 'STARTED');
    await worker?.close();
    await startWorker();
    expect(await client.untilState(stuck.id, 'FAILURE')).toMatchObject({ error: { type: 'WorkerLostError' } });
    expect(await client.untilState(id, 'SUCCESS')).toMatchObject({ attempt: 1 });
  });

  it('runs alone', async () => {
    const handlers = await startWorker();
    const before = await client.tasks.delay(again, {});
    await client.untilState(before.id, 'STARTED');
    // While the worker is busy with the one before, the suspect comes, and then another.
    const suspect = await client.tasks.applyAsync(again, {}, { countdown: 3600 });
    await loseWorkerOf(suspect.id);
    await client.database.dataSource.query('UPDATE outbox SET due_at = now() WHERE task_id = $1', [suspect.id]);
    await client.untilRow(suspect.id, ({ attempt }) => attempt === 2);
    const after = await client.tasks.delay(again, {});
    expect(handlers.begun).toEqual([before.id]);
    handlers.end(before.id);
    await client.untilState(before.id, 'SUCCESS');
    await untilBegun(handlers, suspect.id);
    expect(await client.rowOf(after.id)).toMatchObject({ state: 'PENDING' });
    handlers.end(suspect.id);
    await untilBegun(handlers, after.id);
    expect(handlers.begun).toEqual([before.id, suspect.id, after.id]);
    handlers.end(after.id);
    await client.untilState(after.id, 'SUCCESS');
  });

  it('holds up the others for some seconds only, when it takes long', async () => {
    const handlers = await startWorker();
    const suspect = await client.tasks.applyAsync(again, {}, { countdown: 3600 });
    await loseWorkerOf(suspect.id);
    await client.database.dataSource.query('UPDATE outbox SET due_at = now() WHERE task_id = $1', [suspect.id]);
    await untilBegun(handlers, suspect.id);
    const after = await client.tasks.delay(again, {});
    await untilBegun(handlers, after.id);
    expect(handlers.running.has(suspect.id)).toBe(true);
    handlers.end(after.id);
    handlers.end(suspect.id);
    await client.untilState(after.id, 'SUCCESS');
    await client.untilState(suspect.id, 'SUCCESS');
  });

  async function untilBegun(handlers: Handlers, id: string): Promise<void> {
    while (!handlers.running.has(id)) await new Promise((resolve) => setImmediate(resolve));
  }
});
