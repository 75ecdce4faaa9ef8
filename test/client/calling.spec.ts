import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineTask,
  InvalidCallOptionError,
  RabbitMqBroker,
  TaskClient,
  TaskContext,
  TaskHandler,
  TasksModule,
  TaskServer,
  taskTopology,
  TaskWorkerModule,
  type CallOptions,
} from '@celeriac/tasks';
import { Injectable, type INestMicroservice } from '@nestjs/common';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { connect, type ConsumeMessage } from 'amqplib';
import { z } from 'zod';
import { mailSchema } from '@celeriac/mail';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { createTestVhost, type TestVhost } from '../services/index.js';

const QUEUE = 'work';
const OTHER_QUEUE = 'other';
const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
const add = defineTask({ name: 'test.add', input: z.object({ x: z.number(), y: z.number() }), queue: QUEUE });

@Injectable()
class AddHandler {
  readonly runs: Array<{ id: string; headers: unknown }> = [];

  @TaskHandler(add)
  async add({ x, y }: { x: number; y: number }, { id, headers }: TaskContext): Promise<number> {
    this.runs.push({ id, headers });
    return x + y;
  }
}

/** One queue has a worker; what goes to the other one can be looked at. */
describe('a call', () => {
  let database: TaskDatabase;
  let vhost: TestVhost;
  let app: INestMicroservice;
  let tasks: TaskClient;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    vhost = await createTestVhost();
    const queues = [QUEUE, OTHER_QUEUE];
    const broker = new RabbitMqBroker({ urls: [vhost.brokerUrl], topology: taskTopology(queues), log: silent });
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, ...mailSchema }),
        TasksModule.forRoot({ broker, queues }),
        TaskWorkerModule.forRoot({ queues: [QUEUE], concurrency: 4, shutdownTimeoutMs: 200 }),
      ],
      providers: [AddHandler],
    })
      .setLogger(silent)
      .compile();
    app = module.createNestMicroservice<AsyncMicroserviceOptions>({
      inject: [TaskServer],
      useFactory: (strategy: TaskServer) => ({ strategy }),
    });
    await app.listen();
    tasks = app.get(TaskClient);
  });

  afterEach(async () => {
    await app.close();
    await vhost.drop();
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker');
  });

  interface Row {
    state: string;
    result: unknown;
    wait_reason: string | null;
    due_at: Date | null;
    created_at: Date;
    started_at: Date | null;
  }

  async function rowOf(id: string): Promise<Row> {
    const [row] = (await database.dataSource.query('SELECT * FROM task WHERE id = $1', [id])) as [Row];
    return row;
  }

  async function ended(id: string): Promise<Row> {
    for (;;) {
      const row = await rowOf(id);
      if (['SUCCESS', 'FAILURE', 'REVOKED'].includes(row.state)) return row;
    }
  }

  /** The next message in the queue that has no worker. */
  async function nextMessage(): Promise<ConsumeMessage> {
    while (!app.get(TaskServer).ready) await new Promise((resolve) => setImmediate(resolve));
    const connection = await connect(vhost.brokerUrl);
    const channel = await connection.createChannel();
    const message = await new Promise<ConsumeMessage>((resolve) => {
      void channel.consume(OTHER_QUEUE, (delivered) => delivered && resolve(delivered), { noAck: true });
    });
    await connection.close();
    return message;
  }

  it('with a countdown runs when that is over, and is shown as scheduled until then', async () => {
    const { id } = await tasks.applyAsync(add, { x: 1, y: 2 }, { countdown: 1 });
    const waiting = await rowOf(id);
    expect(waiting).toMatchObject({ state: 'PENDING', wait_reason: 'scheduled' });
    expect(waiting.due_at?.getTime()).toBe(waiting.created_at.getTime() + 1000);
    const { state, result, started_at: startedAt } = await ended(id);
    expect({ state, result }).toEqual({ state: 'SUCCESS', result: 3 });
    expect(startedAt?.getTime()).toBeGreaterThanOrEqual(waiting.due_at?.getTime() ?? Infinity);
  });

  it('with an eta runs then, at once when that is over', async () => {
    const eta = new Date(Date.now() + 60_000);
    const later = await tasks.applyAsync(add, { x: 1, y: 2 }, { eta });
    const past = await tasks.applyAsync(add, { x: 1, y: 2 }, { eta: new Date(0) });
    expect(await ended(past.id)).toMatchObject({ state: 'SUCCESS' });
    expect(await rowOf(later.id)).toMatchObject({ state: 'PENDING', due_at: eta });
  });

  it.each<[what: string, expires: () => number | Date]>([
    ['after seconds', () => 0.001],
    ['at a time', () => new Date(0)],
  ])('that expires %s is not run any more: REVOKED', async (_what, expires) => {
    const { id } = await tasks.applyAsync(add, { x: 1, y: 2 }, { countdown: 0.5, expires: expires() });
    expect(await ended(id)).toMatchObject({ state: 'REVOKED', result: null });
    expect(app.get(AddHandler).runs).toEqual([]);
  });

  it('has headers of its own, which the handler gets, and the id that the caller chose', async () => {
    const options = { taskId: 'order-17', headers: { tenant: 'acme', level: 3 } };
    expect(await tasks.applyAsync(add, { x: 1, y: 2 }, options)).toMatchObject({ id: 'order-17', duplicate: false });
    expect((await tasks.applyAsync(add, { x: 40, y: 2 }, options)).duplicate).toBe(true);
    expect(await ended('order-17')).toMatchObject({ state: 'SUCCESS', result: 3 });
    expect(app.get(AddHandler).runs).toEqual([{ id: 'order-17', headers: { tenant: 'acme', level: 3 } }]);
  });

  it('does not keep a result that is to be ignored', async () => {
    const { id } = await tasks.applyAsync(add, { x: 1, y: 2 }, { ignoreResult: true });
    expect(await ended(id)).toMatchObject({ state: 'SUCCESS', result: null });
  });

  it('goes to another queue, with its priority and its other name', async () => {
    const { id } = await tasks.applyAsync(add, { x: 1, y: 2 }, { queue: OTHER_QUEUE, priority: 7, shadow: 'sum' });
    const { fields, properties } = await nextMessage();
    expect(fields).toMatchObject({ exchange: OTHER_QUEUE, routingKey: OTHER_QUEUE });
    expect(properties).toMatchObject({ priority: 7, headers: { id, task: 'test.add', shadow: 'sum', eta: null } });
  });

  it('goes to an exchange and under a routing key', async () => {
    await tasks.applyAsync(add, { x: 1, y: 2 }, { exchange: '', routingKey: OTHER_QUEUE });
    expect((await nextMessage()).fields).toMatchObject({ exchange: '', routingKey: OTHER_QUEUE });
  });

  it("has options in its caller's transaction too", async () => {
    const ids = await database.dataSource.transaction(async (manager) => {
      const calls = [
        { input: { x: 1, y: 1 } },
        { input: { x: 2, y: 2 }, countdown: 60 },
        { input: { x: 3, y: 3 }, queue: OTHER_QUEUE },
      ];
      return tasks.within(manager).enqueueMany(add, calls);
    });
    const rows = await Promise.all(ids.map(({ id }) => rowOf(id)));
    expect(rows.map((row) => row.wait_reason)).toEqual([null, 'scheduled', null]);
    expect((await nextMessage()).properties.headers).toMatchObject({ id: ids[2]?.id });
  });

  it('can be thousands at a time, each run once, and none when one of them is wrong', async () => {
    const calls = Array.from({ length: 3000 }, (_, n) => ({ input: { x: n, y: 1 } }));
    const references = await tasks.enqueueMany(add, calls);
    expect(new Set(references.map(({ id }) => id)).size).toBe(3000);
    const runs = app.get(AddHandler).runs;
    while (runs.length < 3000) await new Promise((resolve) => setImmediate(resolve));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(3000);
    const wrong = { input: { x: 'three' as unknown as number, y: 1 } };
    await expect(tasks.enqueueMany(add, [...calls.slice(0, 10), wrong])).rejects.toThrow(/refused: \[10\]\.x: /);
    const [row] = (await database.dataSource.query('SELECT count(*)::int AS count FROM task')) as [{ count: number }];
    expect(row.count).toBe(3000);
  });

  it("alone in its caller's transaction is not there when that is rolled back", async () => {
    const undone = database.dataSource.transaction(async (manager) => {
      await tasks.within(manager).applyAsync(add, { x: 1, y: 2 }, { taskId: 'undone' });
      throw new Error('never mind');
    });
    await expect(undone).rejects.toThrow('never mind');
    await tasks.applyAsync(add, { x: 1, y: 2 }, { taskId: 'done' });
    await ended('done');
    expect(app.get(AddHandler).runs.map(({ id }) => id)).toEqual(['done']);
  });

  it.each<[options: CallOptions, option: string, expected: RegExp]>([
    [{ countdown: 1, eta: new Date() }, 'countdown', /no eta beside it/],
    [{ countdown: -1 }, 'countdown', /seconds/],
    [{ countdown: NaN }, 'countdown', /seconds/],
    [{ countdown: 1e12 }, 'countdown', /seconds/],
    [{ countdown: '5' as never }, 'countdown', /seconds/],
    [{ eta: new Date('never') }, 'eta', /valid Date/],
    [{ eta: '2027-01-01' as never }, 'eta', /valid Date/],
    [{ expires: 0 }, 'expires', /above 0/],
    [{ expires: new Date('never') }, 'expires', /valid Date/],
    [{ expires: '10' as never }, 'expires', /valid Date/],
    [{ priority: 256 }, 'priority', /0 to 255/],
    [{ priority: 1.5 }, 'priority', /0 to 255/],
    [{ queue: '' }, 'queue', /some text/],
    [{ routingKey: 'k'.repeat(256) }, 'routingKey', /255 bytes/],
    [{ headers: { a: 'x'.repeat(32_768) } }, 'headers', /32768 bytes/],
    [{ headers: { a: { b: () => 1 } } }, 'headers', /JSON/],
    [{ headers: { a: 1n } }, 'headers', /JSON/],
    [{ headers: 'x' as never }, 'headers', /an object/],
    [{ taskId: '' }, 'taskId', /some text/],
    [{ taskId: 'a\0b' }, 'taskId', /NUL/],
    [{ idempotencyKey: '' }, 'idempotencyKey', /some text/],
    [{ timeLimit: 0 }, 'timeLimit', /above 0/],
    [{ softTimeLimit: NaN }, 'softTimeLimit', /above 0/],
    [{ softTimeLimit: 20, timeLimit: 10 }, 'softTimeLimit', /no more than the timeLimit, 10/],
  ])('is refused with %p, and nothing is sent', async (options, option, expected) => {
    const call = tasks.applyAsync(add, { x: 1, y: 2 }, options);
    await expect(call).rejects.toThrow(InvalidCallOptionError);
    await expect(call).rejects.toMatchObject({ taskName: 'test.add', option });
    await expect(call).rejects.toThrow(expected);
    expect(await database.dataSource.query('SELECT id FROM task')).toEqual([]);
  });
});
