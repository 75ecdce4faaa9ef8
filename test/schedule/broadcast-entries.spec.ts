import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NewEntry } from '@celeriac/schedule';
import { defineBroadcast, RabbitMqBroker, TaskContext, TaskHandler, TaskServer, taskTopology } from '@celeriac/tasks';
import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import {
  createScheduleDatabase,
  everySecond as due,
  startScheduleApp,
  type ScheduleApp,
} from '../fixtures/schedule-app.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import type { TaskDatabase } from '../fixtures/task-database.js';
import { createTestVhost, type TestVhost } from '../services/index.js';

const empty = defineBroadcast({ name: 'test.empty', queue: 'work', input: z.object({ cache: z.string() }) });

@Injectable()
class Handlers {
  @TaskHandler(empty)
  empty({ cache }: { cache: string }, { hostname }: TaskContext): string {
    return `${hostname} ${cache}`;
  }
}

function everySecond(name: string, other: Partial<NewEntry> = {}): NewEntry {
  return due(name, { task: 'test.empty', kwargs: { cache: 'prices' }, ...other });
}

describe('an entry whose task is a broadcast', () => {
  let database: TaskDatabase;
  let vhost: TestVhost;
  const workers: TaskApp[] = [];
  let app: ScheduleApp | undefined;

  beforeEach(async () => {
    database = await createScheduleDatabase();
    vhost = await createTestVhost();
  });

  afterEach(async () => {
    await app?.close();
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await vhost.drop();
    await database.drop();
  });

  /** Resolves when it consumes. */
  async function startWorker(name: string): Promise<TaskApp> {
    const beside = { database, vhost };
    const worker = await startTaskApp({ providers: [Handlers], worker: { name: `${name}@test` }, beside });
    workers.push(worker);
    while (!worker.get(TaskServer).ready) await new Promise((resolve) => setImmediate(resolve));
    return worker;
  }

  async function startBeat(): Promise<ScheduleApp> {
    const broker = new RabbitMqBroker({ urls: [vhost.brokerUrl], topology: taskTopology(['work']), log: new Logger() });
    app = await startScheduleApp(database, { contracts: [empty], broker });
    return app;
  }

  it('is run by each worker, once for each time', async () => {
    const [ann] = await Promise.all([startWorker('ann'), startWorker('bob')]);
    const { book, untilSent } = await startBeat();
    await book.add(everySecond('caches', { options: { expires: 600, headers: { why: 'news' } } }));
    const sent = (await untilSent((ticks) => ticks.length >= 2)).slice(0, 2);
    await book.disable('caches');
    for (const { taskId } of sent) {
      for (const name of ['ann', 'bob']) await ann?.untilState(`${taskId}@${name}@test`, 'SUCCESS');
    }
    const ticks: Array<{ task_id: string }> = await database.dataSource.query(
      'SELECT task_id FROM schedule_tick ORDER BY due_at',
    );
    expect(ticks.slice(0, 2)).toEqual(sent.map(({ taskId }) => ({ task_id: taskId })));
    const rows: unknown[] = await database.dataSource.query('SELECT FROM task WHERE id LIKE ANY ($1)', [
      sent.map(({ taskId }) => `${taskId}%`),
    ]);
    expect(rows).toHaveLength(4);
    expect(await book.get('caches')).toMatchObject({ lastTaskId: ticks.at(-1)?.task_id, totalRuns: ticks.length });
  });

  it('is run when its jitter is over', async () => {
    const ann = await startWorker('ann');
    const { book, untilSent } = await startBeat();
    await book.add(everySecond('caches', { jitterSeconds: 86_400, oneOff: true }));
    const [sent] = await untilSent((ticks) => ticks.length === 1);
    await ann.untilRow(`${sent?.taskId}@ann@test`, ({ wait_reason: reason }) => reason === 'scheduled');
  });

  it('is refused with what a broadcast does not take', async () => {
    const { book } = await startBeat();
    const issuesOf = async (other: Partial<NewEntry>): Promise<unknown> => {
      const error: unknown = await book.add(everySecond('caches', other)).catch((refused: unknown) => refused);
      return (error as { issues: unknown }).issues;
    };
    expect(await issuesOf({ options: { queue: 'other' } })).toEqual([
      { field: 'options.queue', problem: expect.stringMatching(/all workers of its task's queue, "work"/) },
    ]);
    expect(await issuesOf({ overlap: 'skip' })).toEqual([
      { field: 'overlap', problem: expect.stringMatching(/run by each worker.*expected allow/) },
    ]);
    expect(await issuesOf({ kwargs: {} })).toMatchObject([{ field: 'kwargs.cache' }]);
  });

  it('is disabled when it got such an option later, with the reason', async () => {
    const { book, untilSent } = await startBeat();
    await book.add(everySecond('a'));
    await database.dataSource.query(`UPDATE schedule_entry SET options = '{"queue":"other"}'`);
    await book.add(everySecond('b'));
    await untilSent((ticks) => ticks.some(({ entry }) => entry === 'b'));
    expect(await book.get('a')).toMatchObject({ enabled: false, problem: expect.stringMatching(/^options.queue: /) });
  });

  it('is sent now, too', async () => {
    const ann = await startWorker('ann');
    const { book } = await startBeat();
    await book.add(everySecond('caches', { enabled: false }));
    const id = await book.runNow('caches');
    await ann.untilState(`${id}@ann@test`, 'SUCCESS');
    expect(await book.get('caches')).toMatchObject({ lastTaskId: id, totalRuns: 1 });
  });
});
