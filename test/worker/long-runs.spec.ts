import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defineTask, TaskContext, TaskHandler } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { RabbitMqNode } from '../services/index.js';

/** In place of RabbitMQ's 30 minutes, and of the minute between two looks of it. */
const CONSUMER_TIMEOUT_MS = 2000;
const LOOK_INTERVAL_MS = 500;

const long = defineTask({ name: 'test.long', input: z.object({}), queue: 'work' });
const short = defineTask({ name: 'test.short', input: z.object({}), queue: 'work' });

@Injectable()
class Handlers {
  readonly runs: string[] = [];
  private finish: () => void = () => undefined;

  @TaskHandler(long)
  async runLong(_input: object, task: TaskContext): Promise<string> {
    this.runs.push(task.id);
    await new Promise<void>((resolve) => (this.finish = resolve));
    return `done in run ${task.attempt}`;
  }

  @TaskHandler(short)
  runShort(_input: object, task: TaskContext): void {
    this.runs.push(task.id);
  }

  end(): void {
    this.finish();
  }
}

describe('a run that takes longer than RabbitMQ waits for an acknowledgement', () => {
  let node: RabbitMqNode;
  let database: TaskDatabase;
  let app: TaskApp;

  beforeAll(async () => {
    node = await RabbitMqNode.start();
    await node.ctl('eval', `application:set_env(rabbit, consumer_timeout, ${CONSUMER_TIMEOUT_MS}).`);
    await node.ctl('eval', `application:set_env(rabbit, channel_tick_interval, ${LOOK_INTERVAL_MS}).`);
  });

  afterAll(() => node.destroy());

  beforeEach(async () => {
    database = await createTaskDatabase();
  });

  afterEach(async () => {
    app.get(Handlers).end();
    await app.drop();
    await database.drop();
  });

  async function start(ackWithinMs?: number, concurrency = 2): Promise<Handlers> {
    const vhost = { brokerUrl: node.brokerUrl, drop: async () => undefined };
    const worker = { ackWithinMs, concurrency, leaseMs: 1000 };
    app = await startTaskApp({ providers: [Handlers], worker, beside: { database, vhost } });
    return app.get(Handlers);
  }

  const timedOut = /RabbitMQ waited .* for an acknowledgement, its consumer_timeout/;

  it('has its channel closed while it holds its message', async () => {
    const handlers = await start();
    const { id } = await app.tasks.delay(long, {});
    await app.untilLogged(timedOut);
    handlers.end();
    // The fence and the adoption hold all the same.
    expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ result: 'done in run 1' });
  });

  it('goes on without its message, and ends as if nothing had been', async () => {
    const handlers = await start(500);
    const { id } = await app.tasks.delay(long, {});
    // Each generation is a message that came and was put off again: some 1.5 s, the worker's lease.
    await app.untilRow(id, ({ generation }) => generation >= 4);
    expect(await app.rowOf(id)).toMatchObject({ state: 'STARTED', attempt: 1 });
    handlers.end();
    expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ result: 'done in run 1', attempt: 1 });
    expect(handlers.runs).toEqual([id]);
    expect(app.log.filter((line) => timedOut.test(line))).toEqual([]);
  });

  it('does not keep others unacknowledged that wait for its slot', async () => {
    const handlers = await start(500, 1);
    const { id } = await app.tasks.delay(long, {});
    await app.untilState(id, 'STARTED');
    const waiting = await app.tasks.delay(short, {});
    // Another worker holds its message for as long as RabbitMQ lets it: that is our clock.
    const clock = await startTaskApp({ providers: [Handlers], queues: ['clock'], beside: app });
    await clock.tasks.applyAsync(long, {}, { queue: 'clock' });
    await clock.untilLogged(timedOut);
    clock.get(Handlers).end();
    await clock.drop();
    expect(await app.rowOf(waiting.id)).toMatchObject({ state: 'PENDING', attempt: 0 });
    handlers.end();
    await app.untilState(waiting.id, 'SUCCESS');
    expect(handlers.runs).toEqual([id, waiting.id]);
    expect(app.log.filter((line) => timedOut.test(line))).toEqual([]);
  });
});
