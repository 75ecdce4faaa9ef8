import { afterEach, describe, expect, it } from '@jest/globals';
import {
  defineTask,
  MemoryBroker,
  TaskClient,
  TaskHandler,
  TasksModule,
  TaskServer,
  taskTopology,
  TaskWorkerModule,
  type TaskQueue,
} from '@celeriac/tasks';
import { MemoryTaskStore } from '@celeriac/tasks/testing';
import { Injectable, type Type } from '@nestjs/common';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { z } from 'zod';
import { OutboxPublisher } from '../../libs/tasks/src/outbox/outbox-publisher.js';
import { startTaskApp } from '../fixtures/task-app.js';

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
const input = z.object({ what: z.string() });
const work = defineTask({ name: 'test.work', input, queue: 'urgent' });
const queues: TaskQueue[] = [{ name: 'urgent', maxPriority: 10 }];

/** Runs one at a time; the first one for as long as it is told to. */
@Injectable()
class Handler {
  readonly ran: string[] = [];
  goOn: () => void = () => undefined;
  private readonly gate = new Promise<void>((resolve) => (this.goOn = resolve));

  @TaskHandler(work)
  async run({ what }: z.output<typeof input>): Promise<void> {
    this.ran.push(what);
    await this.gate;
  }
}

interface App {
  get<Instance>(token: Type<Instance>): Instance;
  drop(): Promise<void>;
}

async function startInMemory(): Promise<App> {
  const module = await Test.createTestingModule({
    imports: [
      TasksModule.forRoot({ broker: new MemoryBroker(taskTopology(queues)), store: new MemoryTaskStore(), queues }),
      TaskWorkerModule.forRoot({ queues: ['urgent'], concurrency: 1, shutdownTimeoutMs: 200 }),
    ],
    providers: [Handler],
  })
    .setLogger(silent)
    .compile();
  const app = module.createNestMicroservice<AsyncMicroserviceOptions>({
    inject: [TaskServer],
    useFactory: (strategy: TaskServer) => ({ strategy }),
  });
  await app.listen();
  return { get: (token) => app.get(token, { strict: false }), drop: () => app.close() };
}

describe('a queue with priorities', () => {
  let app: App;

  afterEach(() => app.drop());

  it.each<[where: string, start: () => Promise<App>]>([
    ['on RabbitMQ', () => startTaskApp({ providers: [Handler], queues, worker: { concurrency: 1 } })],
    ['in memory', startInMemory],
  ])('%s: what is more urgent overtakes all that waits', async (_where, start) => {
    app = await start();
    const tasks = app.get(TaskClient);
    const { ran, goOn } = app.get(Handler);
    await tasks.delay(work, { what: 'first' });
    while (ran.length === 0) await new Promise((resolve) => setImmediate(resolve));
    // More than a worker would hold ready of a queue without priorities.
    const low = await tasks.enqueueMany(
      work,
      Array.from({ length: 100 }, (_, n) => ({ input: { what: `low ${n}` } })),
    );
    await app.get(OutboxPublisher).drain();
    await tasks.applyAsync(work, { what: 'middle' }, { priority: 5 });
    await tasks.applyAsync(work, { what: 'high' }, { priority: 10 });
    await app.get(OutboxPublisher).drain();
    goOn();
    await low.at(-1)?.get();
    expect(ran.slice(0, 4)).toEqual(['first', 'high', 'middle', 'low 0']);
  });
});

describe('a worker of a queue with priorities', () => {
  it('says at the start that it is a classic queue', async () => {
    const app = await startTaskApp({ providers: [Handler], queues });
    try {
      await app.untilLogged(/Queue "urgent" has priorities up to 10: it is a classic queue/);
    } finally {
      await app.drop();
    }
  });
});
