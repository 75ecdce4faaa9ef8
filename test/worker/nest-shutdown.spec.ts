import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, TaskClient, TasksModule, TaskServer, taskTopology, TaskWorkerModule } from '@celeriac/tasks';
import type { INestApplication } from '@nestjs/common';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { connect } from 'amqplib';
import { mailSchema } from '@celeriac/mail';
import { Moment, playedTask } from '../fixtures/played-task.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { createTestVhost, type TestVhost } from '../services/index.js';

const queues = ['work'];
const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

describe('a worker inside of another Nest app, which closes', () => {
  const { contract, parts, Player } = playedTask();
  let database: TaskDatabase;
  let vhost: TestVhost;
  let app: INestApplication;

  beforeEach(async () => {
    [database, vhost] = await Promise.all([createTaskDatabase(), createTestVhost()]);
    const broker = new RabbitMqBroker({ urls: [vhost.brokerUrl], topology: taskTopology(queues), log: silent });
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, ...mailSchema }),
        TasksModule.forRoot({ broker, queues }),
        TaskWorkerModule.forRoot({ queues, concurrency: 1, shutdownTimeoutMs: 10_000 }),
      ],
      providers: [Player],
    })
      .setLogger(silent)
      .compile();
    app = module.createNestApplication(new FastifyAdapter());
    app.connectMicroservice<MicroserviceOptions>({ strategy: app.get(TaskServer, { strict: false }) });
    await app.startAllMicroservices();
    await app.init();
  });

  afterEach(async () => {
    await vhost.drop();
    await database.drop();
  });

  it('stops before that lets go of the broker: what runs comes to its end, and its message is acknowledged', async () => {
    const [started, goOn] = [new Moment(), new Moment()];
    parts.set('part', async ({ signal }) => {
      started.now();
      await goOn.come;
      return signal.aborted;
    });
    const { id } = await app.get(TaskClient, { strict: false }).delay(contract, { part: 'part' });
    await started.come;
    const closed = app.close();
    // It stops, or has lost its broker.
    while (app.get(TaskServer, { strict: false }).ready) await new Promise((resolve) => setImmediate(resolve));
    goOn.now();
    await closed;
    const [row] = await database.dataSource.query('SELECT state, result FROM task WHERE id = $1', [id]);
    expect(row).toEqual({ state: 'SUCCESS', result: false });
    expect(await messagesLeft()).toBe(0);
  });

  async function messagesLeft(): Promise<number> {
    const connection = await connect(vhost.brokerUrl);
    const { messageCount } = await (await connection.createChannel()).checkQueue('work');
    await connection.close();
    return messageCount;
  }
});
