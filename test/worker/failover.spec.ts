import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { defineTask, TaskContext, TaskHandler } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import { createTestVhost, type TestVhost } from '../services/index.js';

/** More than a worker takes ahead: some are in the queue when its node goes away. */
const TASKS = 80;

const step = defineTask({ name: 'test.step', input: z.object({}), queue: 'work' });

@Injectable()
class Handlers {
  readonly runs: string[] = [];
  letGo: () => void = () => undefined;
  readonly gate = new Promise<void>((resolve) => (this.letGo = resolve));

  @TaskHandler(step)
  async run(_input: object, task: TaskContext): Promise<void> {
    this.runs.push(task.id);
    await this.gate;
  }
}

let vhosts: TestVhost[];
let proxies: TcpProxy[];
let app: TaskApp;

beforeAll(async () => {
  // They share as little as two nodes that are no cluster.
  vhosts = await Promise.all([createTestVhost(), createTestVhost()]);
  proxies = await Promise.all(vhosts.map(({ brokerUrl }) => TcpProxy.to(brokerUrl)));
  app = await startTaskApp({
    providers: [Handlers],
    worker: { concurrency: 1 },
    broker: { urls: proxies.map(({ url }) => url) },
    reconcileAfterMs: 1000,
  });
});

afterAll(async () => {
  await app.drop();
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await Promise.all(vhosts.map((vhost) => vhost.drop()));
});

it('brings over to the other node what was on the one that has gone away, and runs each task once', async () => {
  const ids: string[] = [];
  for (let count = 0; count < TASKS; count += 1) ids.push((await app.tasks.delay(step, {})).id);
  const { dataSource } = app.database;
  const isSent = async (): Promise<boolean> => (await dataSource.query<object[]>('SELECT 1 FROM outbox')).length === 0;
  while (!(await isSent()));
  await app.untilState(ids.at(0) ?? '', 'STARTED');
  proxies[0]?.refuse();
  await app.untilLogged(new RegExp(`Connected to RabbitMQ at .*@${new URL(proxies[1]?.url ?? '').host}/.*consuming`));
  app.get(Handlers).letGo();
  for (const id of ids) await app.untilState(id, 'SUCCESS');
  expect(app.get(Handlers).runs.toSorted()).toEqual(ids.toSorted());
});
