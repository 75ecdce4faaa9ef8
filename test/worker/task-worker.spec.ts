import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  deadLetterQueue,
  defineTask,
  PermanentTaskError,
  RabbitMqBroker,
  TaskClient,
  TaskContext,
  TaskHandler,
  TasksModule,
  TaskServer,
  taskTopology,
  TaskWorkerModule,
  type TaskState,
} from '@celeriac/tasks';
import { Injectable, type INestMicroservice } from '@nestjs/common';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { connect, type Channel, type ChannelModel, type GetMessage } from 'amqplib';
import { z } from 'zod';
import { mailSchema } from '@celeriac/mail';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { worker } from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import { createTestVhost, type TestVhost } from '../services/index.js';

const QUEUE = 'script';
const silent = { log: () => undefined, warn: () => undefined };

/** What the handler does in its first run, second run, ...; the last is repeated. */
const Step = z.enum(['succeed', 'fail', 'fail for good', 'wait']);
const scripted = defineTask({
  name: 'test.scripted',
  input: z.object({ steps: z.array(Step).min(1) }),
  queue: QUEUE,
  maxRetries: 2,
  retryBackoff: 0,
});

@Injectable()
class ScriptedHandler {
  readonly runs: Array<{ id: string; retries: number; attempt: number; signal: AbortSignal }> = [];
  private finish: () => void = () => undefined;
  private started: () => void = () => undefined;

  @TaskHandler(scripted)
  async run({ steps }: { steps: Array<z.output<typeof Step>> }, task: TaskContext): Promise<string> {
    const { id, retries, attempt, signal } = task;
    this.runs.push({ id, retries, attempt, signal });
    const step = steps[Math.min(attempt, steps.length) - 1];
    if (step === 'fail') throw new RangeError(`Run ${attempt} failed`);
    if (step === 'fail for good') throw new PermanentTaskError('Never again');
    if (step === 'wait') {
      this.started();
      await new Promise<void>((resolve) => (this.finish = resolve));
    }
    return `done in run ${attempt}`;
  }

  /** Resolves when a run waits. @returns how to let it go on */
  waiting(): Promise<() => void> {
    return new Promise((resolve) => (this.started = () => resolve(() => this.finish())));
  }
}

describe('a worker', () => {
  let database: TaskDatabase;
  let vhost: TestVhost;
  let proxy: TcpProxy;
  let raw: ChannelModel;
  let channel: Channel;
  let app: INestMicroservice;
  let handler: ScriptedHandler;
  let tasks: TaskClient;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    vhost = await createTestVhost();
    proxy = await TcpProxy.to(vhost.brokerUrl);
    raw = await connect(vhost.brokerUrl);
    channel = await raw.createChannel();
    const url = new URL(vhost.brokerUrl);
    url.port = String(proxy.port);
    const broker = new RabbitMqBroker({ urls: [url.toString()], topology: taskTopology([QUEUE]), log: silent });
    const queues = [QUEUE];
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, ...mailSchema }),
        TasksModule.forRoot({ broker, queues }),
        TaskWorkerModule.forRoot({ queues, name: 'w@test', concurrency: 4, leaseMs: 3000, shutdownTimeoutMs: 200 }),
      ],
      providers: [ScriptedHandler],
    })
      // What fails here fails on purpose.
      .setLogger({ ...silent, error: () => undefined })
      .compile();
    app = module.createNestMicroservice<AsyncMicroserviceOptions>({
      inject: [TaskServer],
      useFactory: (strategy: TaskServer) => ({ strategy }),
    });
    await app.listen();
    handler = app.get(ScriptedHandler);
    tasks = app.get(TaskClient);
  });

  afterEach(async () => {
    await app.close();
    await proxy.close();
    await raw.close();
    await vhost.drop();
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker');
  });

  interface Row {
    state: TaskState;
    result: unknown;
    error: { type: string; message: string } | null;
    retries: number;
    generation: number;
    wait_reason: string | null;
  }

  /** Asks until the task is in one of the states: the store is the only one who knows. */
  async function untilState(id: string, ...states: TaskState[]): Promise<Row> {
    for (;;) {
      const [row] = (await database.dataSource.query('SELECT * FROM task WHERE id = $1', [id])) as Row[];
      if (row !== undefined && states.includes(row.state)) return row;
    }
  }

  async function untilWaitReason(id: string, reason: string): Promise<Row> {
    for (;;) {
      const [row] = (await database.dataSource.query('SELECT * FROM task WHERE id = $1', [id])) as Row[];
      if (row?.wait_reason === reason) return row;
    }
  }

  async function nextDeadLetter(): Promise<GetMessage> {
    for (;;) {
      const message = await channel.get(deadLetterQueue(QUEUE), { noAck: true });
      if (message !== false) return message;
    }
  }

  /** As a Python client sends it: no generation. */
  async function publishForeign(headers: Record<string, unknown>, body: string): Promise<void> {
    await channel.assertExchange(QUEUE, 'direct', { durable: true });
    await untilDeclared();
    channel.publish(QUEUE, QUEUE, Buffer.from(body), {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { lang: 'py', task: scripted.name, retries: { '!': 'int32', value: 0 }, ...headers },
    });
  }

  async function untilDeclared(): Promise<void> {
    while (!app.get(TaskServer).ready) await new Promise((resolve) => setImmediate(resolve));
  }

  it('runs a task and remembers its result', async () => {
    const { id } = await tasks.delay(scripted, { steps: ['succeed'] });
    expect(await untilState(id, 'SUCCESS')).toMatchObject({ result: 'done in run 1', retries: 0 });
  });

  it('tries again what failed, and counts', async () => {
    const { id } = await tasks.delay(scripted, { steps: ['fail', 'fail', 'succeed'] });
    expect(await untilState(id, 'SUCCESS')).toMatchObject({
      result: 'done in run 3',
      retries: 2,
      generation: 2,
      error: null,
    });
    expect(handler.runs).toMatchObject([{ retries: 0 }, { retries: 1 }, { retries: 2 }]);
    const attempts = await database.dataSource.query(
      'SELECT number, outcome, worker_name FROM task_attempt WHERE task_id = $1 ORDER BY number',
      [id],
    );
    expect(attempts).toEqual(
      ['RETRY', 'RETRY', 'SUCCESS'].map((outcome, n) => ({ number: n + 1, outcome, worker_name: 'w@test' })),
    );
  });

  it('gives up when no retry is left', async () => {
    const { id } = await tasks.delay(scripted, { steps: ['fail'] });
    const row = await untilState(id, 'FAILURE');
    expect(row).toMatchObject({ retries: 2, error: { type: 'RangeError', message: 'Run 3 failed' } });
  });

  it('does not try again what failed for good', async () => {
    const { id } = await tasks.delay(scripted, { steps: ['fail for good'] });
    expect(await untilState(id, 'FAILURE')).toMatchObject({ retries: 0, error: { message: 'Never again' } });
    expect(handler.runs).toHaveLength(1);
  });

  it("runs a Python client's message, and its retries, which keep all that Python sent", async () => {
    const id = 'python-chose-this-id';
    await publishForeign(
      { id, root_id: 'root', parent_id: 'parent', 'x-tenant': 'acme' },
      '[[],{"steps":["fail","succeed"]},null]',
    );
    expect(await untilState(id, 'SUCCESS')).toMatchObject({ retries: 1, generation: 1 });
    const [row] = await database.dataSource.query('SELECT envelope FROM task WHERE id = $1', [id]);
    expect(row.envelope.headers).toMatchObject({
      root_id: 'root',
      parent_id: 'parent',
      'x-tenant': 'acme',
      retries: 1,
    });
  });

  it('buries what it cannot decode, with the reason', async () => {
    await publishForeign({ id: 'broken' }, '{"no": "task"');
    const letter = await nextDeadLetter();
    expect(letter.content.toString()).toBe('{"no": "task"');
    expect(letter.properties.headers).toMatchObject({ id: 'broken', 'celeriac-dead-letter-queue': QUEUE });
    expect(letter.properties.headers?.['celeriac-dead-letter-reason']).toContain('JSON');
  });

  it('buries input that its contract does not allow, and fails the task', async () => {
    await publishForeign({ id: 'wrong' }, '[[],{"steps":["dance"]},null]');
    expect(await untilState('wrong', 'FAILURE')).toMatchObject({ error: { type: 'InvalidTaskInputError' } });
    const letter = await nextDeadLetter();
    expect(letter.properties.headers?.['celeriac-dead-letter-reason']).toContain('steps.0');
    expect(handler.runs).toEqual([]);
  });

  it('buries what Postgres refuses', async () => {
    await publishForeign({ id: 'nul\0nul' }, '[[],{"steps":["succeed"]},null]');
    const letter = await nextDeadLetter();
    expect(letter.properties.headers?.['celeriac-dead-letter-reason']).toContain('database');
  });

  it('hands back a task that it has no handler for', async () => {
    await publishForeign({ id: 'unknown', task: 'test.elsewhere' }, '[[],{},null]');
    expect(await untilWaitReason('unknown', 'no_handler')).toMatchObject({ state: 'PENDING', generation: 1 });
    expect(await database.dataSource.query('SELECT generation FROM outbox WHERE task_id = $1', ['unknown'])).toEqual([
      { generation: 1 },
    ]);
  });

  it('takes it up again when a worker starts that has one', async () => {
    await publishForeign({ id: 'parked', task: 'test.elsewhere' }, '[[],{"steps":["succeed"]},null]');
    await untilWaitReason('parked', 'no_handler');
    await database.dataSource.query(`UPDATE task SET name = $1 WHERE id = 'parked'`, [scripted.name]);
    const store = new PostgresWorkerStore(database.dataSource, worker('other'));
    await store.wake([scripted.name], 'no_handler');
    expect(await database.dataSource.query('SELECT due_at <= now() AS due FROM outbox')).toEqual([{ due: true }]);
    await store.close();
  });

  it("keeps a Python client's countdown", async () => {
    const eta = new Date(Date.now() + 3_600_000).toISOString().replace('Z', '000+00:00');
    await publishForeign({ id: 'later', eta }, '[[],{"steps":["succeed"]},null]');
    expect(await untilWaitReason('later', 'scheduled')).toMatchObject({ state: 'PENDING', generation: 1 });
    const [row] = await database.dataSource.query(
      `SELECT due_at > now() + interval '59 minutes' AS waits FROM outbox WHERE task_id = 'later'`,
    );
    expect(row).toEqual({ waits: true });
    expect(handler.runs).toEqual([]);
  });

  it('goes on with a run whose connection was cut, and runs it once', async () => {
    const waiting = handler.waiting();
    const { id } = await tasks.delay(scripted, { steps: ['wait'] });
    const finish = await waiting;
    proxy.cut();
    // When it consumes again, the message has been delivered to it once more.
    await untilDeclared();
    const { id: next } = await tasks.delay(scripted, { steps: ['succeed'] });
    await untilState(next, 'SUCCESS');
    finish();
    expect(await untilState(id, 'SUCCESS')).toMatchObject({ result: 'done in run 1' });
    expect(handler.runs.filter((run) => run.id === id)).toHaveLength(1);
    await app.close();
    expect((await channel.checkQueue(QUEUE)).messageCount).toBe(0);
  });

  it('gives back at its stop what will not end, and aborts it', async () => {
    const waiting = handler.waiting();
    const { id } = await tasks.delay(scripted, { steps: ['wait'] });
    await waiting;
    await app.close();
    expect(handler.runs[0]?.signal.aborted).toBe(true);
    expect(await untilState(id, 'PENDING')).toMatchObject({ generation: 1 });
    expect((await channel.checkQueue(QUEUE)).messageCount).toBe(0);
    expect(await database.dataSource.query('SELECT generation, due_at <= now() AS due FROM outbox')).toEqual([
      { generation: 1, due: true },
    ]);
  });
});
