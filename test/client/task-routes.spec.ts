import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineTask,
  InvalidTaskRouteError,
  MemoryBroker,
  TaskHandler,
  TasksModule,
  taskTopology,
  type TaskContext,
  type TaskQueue,
} from '@celeriac/tasks';
import { MemoryTaskStore } from '@celeriac/tasks/testing';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { connect, type ChannelModel } from 'amqplib';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Reconciler } from '../../libs/tasks/src/upkeep/reconciler.js';
import { ForeignWorker } from '../fixtures/foreign-worker.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
const input = z.object({ tenant: z.string().optional() });
const importFeed = defineTask({ name: 'feeds.import', input, queue: 'work' });
const callHome = defineTask({ name: 'phone.home', input, queue: 'work' });
const plain = defineTask({ name: 'plain', input, queue: 'work' });

/** Which worker ran what, and how the message had come. */
const runs: Array<{ worker: string; name: string; way: string; priority: number }> = [];

/** What a worker is called. */
class Worker {
  constructor(readonly name: string) {}
}

@Injectable()
class Handlers {
  constructor(private readonly worker: Worker) {}

  @TaskHandler(importFeed)
  importFeed(_input: unknown, task: TaskContext): void {
    this.note(task);
  }

  @TaskHandler(callHome)
  callHome(_input: unknown, task: TaskContext): void {
    this.note(task);
  }

  @TaskHandler(plain)
  plain(_input: unknown, task: TaskContext): void {
    this.note(task);
  }

  private note({ name, deliveryInfo: { exchange, routingKey, priority } }: TaskContext): void {
    runs.push({ worker: this.worker.name, name, way: `${exchange} ${routingKey}`, priority: priority ?? 0 });
  }
}

const queues: Array<string | TaskQueue> = [
  'work',
  'acme',
  { name: 'feeds', exchange: { name: 'tasks', type: 'topic' }, routingKey: 'feed.#' },
];

/** One worker consumes `work` and `acme`, another one, of the same app, `feeds`. */
describe('a task with a route', () => {
  let app: TaskApp;
  let feeder: TaskApp;
  let connection: ChannelModel;

  const startWorker = (workerName: string, consumed: string[], beside?: TaskApp): Promise<TaskApp> =>
    startTaskApp({
      providers: [Handlers, { provide: Worker, useValue: new Worker(workerName) }],
      contracts: [importFeed, callHome, plain],
      queues,
      worker: { queues: consumed },
      beside,
      taskRoutes: [
        {
          'feeds.*': { queue: 'feeds', routingKey: 'feed.import', priority: 3 },
          'python.*': { queue: 'python', exchange: '' },
        },
        (name, { tenant }) => (name === 'phone.home' && tenant === 'acme' ? 'acme' : undefined),
        (name, { tenant }) => (name === 'phone.home' && tenant === 'odd' ? 'nowhere' : undefined),
      ],
    });

  beforeAll(async () => {
    app = await startWorker('x', ['work', 'acme']);
    feeder = await startWorker('z', ['feeds'], app);
    connection = await connect(app.vhost.brokerUrl);
  });

  afterAll(async () => {
    await connection.close();
    await feeder.drop();
    await app.drop();
  });

  beforeEach(() => void runs.splice(0));

  const byRoute = { worker: 'z', name: 'feeds.import', way: 'tasks feed.import', priority: 3 };

  it.each<[how: string, send: () => Promise<string[]>]>([
    ['delay', async () => [(await app.tasks.delay(importFeed, {})).id]],
    ['applyAsync', async () => [(await app.tasks.applyAsync(importFeed, {}, { countdown: 0.01 })).id]],
    [
      'enqueueMany',
      async () => (await app.tasks.enqueueMany(importFeed, [{ input: {} }, { input: {} }])).map(({ id }) => id),
    ],
    [
      'a call within a transaction',
      () =>
        app
          .get(DataSource)
          .transaction(async (manager) => [
            (await app.tasks.within(manager).delay(importFeed, {})).id,
            ...(await app.tasks.within(manager).enqueueMany(importFeed, [{ input: {} }])).map(({ id }) => id),
          ]),
    ],
  ])('goes by %s to the worker of its queue, which its row says', async (_how, send) => {
    const ids = await send();
    for (const id of ids) expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ queue: 'feeds' });
    expect(runs).toEqual(ids.map(() => byRoute));
  });

  it('goes where its call says: another queue, or another routing key; its contract comes last', async () => {
    const ours = await app.tasks.applyAsync(importFeed, {}, { queue: 'work' });
    const key = await app.tasks.applyAsync(importFeed, {}, { routingKey: 'feed.later', priority: 5 });
    const none = await app.tasks.delay(plain, {});
    for (const { id } of [ours, key, none]) await app.untilState(id, 'SUCCESS');
    const ran = runs.toSorted((a, b) => a.way.localeCompare(b.way) || a.name.localeCompare(b.name));
    expect(ran).toEqual([
      { worker: 'z', name: 'feeds.import', way: 'tasks feed.later', priority: 5 },
      { worker: 'x', name: 'feeds.import', way: 'work work', priority: 3 },
      { worker: 'x', name: 'plain', way: 'work work', priority: 0 },
    ]);
  });

  it('waits for a worker of its queue; one of other queues leaves it alone', async () => {
    await feeder.close();
    const { id } = await app.tasks.delay(importFeed, {});
    await app.untilState((await app.tasks.delay(plain, {})).id, 'SUCCESS');
    expect(await app.rowOf(id)).toMatchObject({ state: 'PENDING', generation: 0 });
    feeder = await startWorker('z', ['feeds'], app);
    await app.untilState(id, 'SUCCESS');
    expect(runs.map(({ worker }) => worker)).toEqual(['x', 'z']);
  });

  it('goes where a function says, by its input', async () => {
    const [acme, other] = [
      await app.tasks.delay(callHome, { tenant: 'acme' }),
      await app.tasks.delay(callHome, { tenant: 'b' }),
    ];
    expect(await app.untilState(acme.id, 'SUCCESS')).toMatchObject({ queue: 'acme' });
    expect(await app.untilState(other.id, 'SUCCESS')).toMatchObject({ queue: 'work' });
    expect(runs.map(({ way }) => way).toSorted()).toEqual(['acme acme', 'work work']);
  });

  it('is not sent when a function answers with a queue that is not there', async () => {
    const call = app.tasks.applyAsync(callHome, { tenant: 'odd' }, { taskId: 'odd' });
    await expect(call).rejects.toThrow(InvalidTaskRouteError);
    await expect(call).rejects.toThrow(/for phone\.home has queue='nowhere'.*work, acme, feeds/);
    expect(await app.rowOf('odd')).toBeUndefined();
  });

  it("goes to others' queue, which is theirs to declare, when its code is elsewhere", async () => {
    const channel = await connection.createChannel();
    await channel.assertQueue('python');
    await app.tasks.sendTask('python.add', [1, 2]);
    const { id } = await app.tasks.sendTask('python.add', [1, 2], {}, { queue: 'work' });
    expect(await app.rowOf(id)).toMatchObject({ queue: 'work' });
    const message = await new Promise<string>((resolve) => {
      void channel.consume('python', (delivered) => delivered && resolve(delivered.content.toString()), {
        noAck: true,
      });
    });
    expect(JSON.parse(message)).toMatchObject([[1, 2], {}, {}]);
  });

  it("goes by its route also as a follow-up in a Python client's canvas, unless the signature says more", async () => {
    const signature = (options: object, id: string) => ({
      task: 'feeds.import',
      args: [],
      kwargs: {},
      options: { ...options, task_id: id },
      immutable: true,
    });
    const body = [
      [],
      {},
      {
        callbacks: [signature({}, 'routed'), signature({ queue: 'work' }, 'told')],
        errbacks: null,
        chain: null,
        chord: null,
      },
    ];
    const channel = await connection.createChannel();
    const properties = {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { task: 'plain', id: 'python-parent' },
    };
    channel.publish('work', 'work', Buffer.from(JSON.stringify(body)), properties);
    for (const id of ['routed', 'told']) await app.untilState(id, 'SUCCESS');
    expect(await app.rowOf('routed')).toMatchObject({ queue: 'feeds' });
    expect(await app.rowOf('told')).toMatchObject({ queue: 'work' });
    expect(runs).toContainEqual(byRoute);
    expect(runs).toContainEqual({ ...byRoute, worker: 'x', way: 'work work' });
  });

  it('is brought back into the queue of its route when its message is lost', async () => {
    const routed = { queues: ['work', 'feeds'], taskRoutes: { 'feeds.*': 'feeds' } };
    const sender = await startTaskApp({ providers: [], ...routed, worker: null });
    const feeds = await ForeignWorker.start(sender.vhost, 'feeds');
    const work = await ForeignWorker.start(sender.vhost, 'work');
    const { dataSource } = sender.database;
    try {
      // Its contract's queue is not empty, which does not matter: its message was never there.
      await sender.tasks.delay(plain, {});
      const { id } = await sender.tasks.delay(importFeed, {});
      expect((await feeds.nextTask()).properties.headers).toMatchObject({ id });
      await dataSource.query('DELETE FROM outbox WHERE task_id = $1', [id]);
      await dataSource.query("UPDATE task SET created_at = now() - interval '1 hour'");
      expect(await sender.get(Reconciler).runOnce()).toBe(1);
      expect((await feeds.nextTask()).properties.headers).toMatchObject({ id, 'celeriac-generation': 1 });
      expect(await work.messageCount('work')).toBe(1);
    } finally {
      await Promise.all([feeds.stop(), work.stop()]);
      await sender.drop();
    }
  });
});

describe('a route that makes no sense', () => {
  it('stops the boot, and says which', async () => {
    const module = Test.createTestingModule({
      imports: [
        TasksModule.forRoot({
          broker: new MemoryBroker(taskTopology(['work'])),
          store: new MemoryTaskStore(),
          queues: ['work'],
          taskRoutes: { 'feeds.*': 'fees' },
        }),
      ],
    });
    const expected = /route "feeds\.\*" has queue='fees': expected one of the module's queues, work:/;
    await expect(module.setLogger(silent).compile()).rejects.toThrow(expected);
  });
});
