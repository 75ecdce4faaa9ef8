import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BROKER, defineTask, explanationText, UnknownTaskError, type Broker } from '@celeriac/tasks';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { worker as aWorker } from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { Moment, playedTask, type Part } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp, type TaskAppOptions } from '../fixtures/task-app.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import { untilExplained } from '../fixtures/until-explained.js';

const HOUR = 3600;

/** An app that sends, and whose relay publishes; the workers are apps beside it. */
let sender: TaskApp;
let workers: TaskApp[] = [];
let connection: ChannelModel;
let channel: Channel;
let broker: Broker;

const played = playedTask({ maxRetries: 3, retryBackoff: HOUR, retryBackoffMax: HOUR, retryJitter: false });
const limited = playedTask({ name: 'test.limited', rateLimit: '1/h' });
const unheardOf = defineTask({ name: 'test.unheard_of', queue: 'work', input: z.object({}) });

beforeAll(async () => {
  const queues = ['work', 'other'];
  sender = await startTaskApp({ providers: [], queues, worker: null, contracts: [played.contract] });
  connection = await connect(sender.vhost.brokerUrl);
  channel = await connection.createChannel();
  broker = sender.get<Broker>(BROKER);
  // By then the queues are declared.
  while ((await broker.queueInfo('other'))?.exists !== true);
});

beforeEach(() => sender.database.dataSource.query('TRUNCATE task, outbox, worker, rate_bucket, revoked_task'));

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await channel.purgeQueue('work');
});

afterAll(async () => {
  await connection.close();
  await sender.drop();
});

async function startWorker(options: Partial<TaskAppOptions> = {}): Promise<TaskApp> {
  const providers = [played.Player, limited.Player];
  const name = `w${workers.length + 1}@host`;
  const worker = { concurrency: 1, name, ...options.worker };
  const app = await startTaskApp({ providers, beside: sender, ...options, worker });
  workers.push(app);
  return app;
}

async function send(part?: Part, by = played, options: { countdown?: number; expires?: number } = {}): Promise<string> {
  const name = `part ${by.parts.size}`;
  if (part !== undefined) by.parts.set(name, part);
  return (await sender.tasks.applyAsync(by.contract, { part: name }, options)).id;
}

describe('a task that waits for a time', () => {
  it('was sent for later', async () => {
    const id = await send(undefined, played, { countdown: HOUR });
    const { created_at: createdAt } = (await sender.rowOf(id)) ?? { created_at: new Date(0) };
    const dueAt = new Date(createdAt.getTime() + HOUR * 1000);
    expect(await sender.tasks.explain(id)).toMatchObject({ reason: 'scheduled', state: 'PENDING', dueAt });
  });

  it('has failed, and is tried again', async () => {
    await startWorker();
    const id = await send(() => {
      throw new RangeError('too far');
    });
    const explanation = await untilExplained(sender.tasks, id, 'retry');
    expect(explanation).toMatchObject({ state: 'RETRY', retry: 1, maxRetries: 3, error: { message: 'too far' } });
    expect(explanationText(explanation)).toMatch(
      /^It failed: RangeError: too far\. Retry 1 of 3 is due at .* \(in 60 min\)\.$/,
    );
  });

  it('has a slot of its rate limit', async () => {
    await startWorker();
    const ids = [await send(undefined, limited), await send(undefined, limited)];
    while (
      (await Promise.all(ids.map((id) => sender.rowOf(id)))).some((row) => row?.state === 'PENDING' && !row.due_at)
    );
    const reasons = [...(await sender.tasks.explain(ids)).values()].map(({ reason }) => reason);
    expect(reasons.toSorted()).toEqual(['rate_limited', 'succeeded']);
  });

  it('was put off by its handler', async () => {
    await startWorker();
    const id = await send((task) => task.snooze(HOUR));
    expect(await untilExplained(sender.tasks, id, 'snoozed')).toMatchObject({ state: 'PENDING' });
  });

  it('came to a worker that does not know it', async () => {
    await startWorker();
    const { id } = await sender.tasks.delay(unheardOf, {});
    expect(await untilExplained(sender.tasks, id, 'no_handler')).toMatchObject({
      taskName: unheardOf.name,
      workers: ['w1@host'],
    });
  });
});

describe('a task that nobody takes', () => {
  it('has no worker, or none that consumes its queue, or one that lost the broker', async () => {
    const id = await send();
    expect(await untilExplained(sender.tasks, id, 'no_consumer')).toMatchObject({ workers: [], queue: 'work' });
    const others = { queues: ['other'], worker: { concurrency: 3, queues: ['other'] } };
    await startWorker(others);
    const w1 = { name: 'w1@host', queues: ['other'], concurrency: 3 };
    expect(await sender.tasks.explain(id)).toMatchObject({ reason: 'no_consumer', workers: [w1] });
    const store = new PostgresWorkerStore(sender.database.dataSource, { ...aWorker('deaf'), queues: ['work'] });
    await store.renewLease(60_000);
    const deaf = { name: 'deaf@test', queues: ['work'], concurrency: 4 };
    const explanation = await sender.tasks.explain(id);
    expect(explanation).toMatchObject({ reason: 'no_consumer', workers: [deaf, w1] });
    expect(explanationText(explanation)).toContain('though deaf@test should');
    await store.close();
  });

  it('waits for its turn, behind others', async () => {
    const [begun, goOn] = [new Moment(), new Moment()];
    await startWorker({ worker: { concurrency: 1 } });
    await send(() => {
      begun.now();
      return goOn.come;
    });
    await begun.come;
    const [first, , third] = [await send(), await send(), await send()];
    const line = { workers: ['w1@host'], slots: 1, isMore: false };
    expect(await untilExplained(sender.tasks, first, 'in_line')).toMatchObject({ before: 0, ...line });
    expect(await untilExplained(sender.tasks, third, 'in_line')).toMatchObject({ before: 2, ...line });
    goOn.now();
    await untilExplained(sender.tasks, third, 'succeeded');
  });

  it('is in the outbox while no queue takes its message', async () => {
    const { id } = await sender.tasks.sendTask('py.task', [], {}, { queue: 'nowhere' });
    expect(await untilExplained(sender.tasks, id, 'unroutable')).toMatchObject({ exchange: '', routingKey: 'nowhere' });
    await channel.assertQueue('nowhere', { durable: true });
    await sender.database.dataSource.query('UPDATE outbox SET due_at = now()');
    expect(await untilExplained(sender.tasks, id, 'no_consumer')).toMatchObject({ isElsewhere: true });
    await channel.deleteQueue('nowhere');
    await untilExplained(sender.tasks, id, 'no_queue');
  });

  it('is with workers elsewhere, as far as that is known', async () => {
    await channel.assertQueue('celery', { durable: true });
    const { id } = await sender.tasks.sendTask('py.task');
    expect(await untilExplained(sender.tasks, id, 'no_consumer')).toMatchObject({
      queue: 'celery',
      isElsewhere: true,
      workers: [],
    });
    await channel.prefetch(1);
    await channel.consume('celery', () => undefined, { noAck: false });
    expect(await untilExplained(sender.tasks, id, 'elsewhere')).toMatchObject({ consumers: 1, messages: 0 });
    await sender.database.dataSource.query(`UPDATE task SET state = 'STARTED', started_at = now() WHERE id = $1`, [id]);
    expect(await sender.tasks.explain(id)).toMatchObject({ reason: 'running_elsewhere', state: 'STARTED' });
  });
});

describe('a task without the broker', () => {
  it('is kept until that is back; what was published is in its queue', async () => {
    const proxy = await TcpProxy.to(sender.vhost.brokerUrl);
    const vhost = { ...sender.vhost, brokerUrl: proxy.url };
    const app = await startTaskApp({ providers: [], worker: null, beside: { ...sender, vhost } });
    workers.push(app);
    const published = await send();
    await untilExplained(sender.tasks, published, 'no_consumer');
    expect(await app.tasks.explain(published)).toMatchObject({ reason: 'no_consumer' });
    proxy.refuse();
    while ((await app.tasks.explain(published)).reason !== 'broker_away');
    // A row that the sender's own relay leaves alone.
    const { id } = await app.tasks.applyAsync(played.contract, { part: '' }, { countdown: HOUR });
    await sender.database.dataSource.query('UPDATE task SET due_at = NULL WHERE id = $1', [id]);
    expect(await app.tasks.explain(id)).toMatchObject({ reason: 'broker_away', isPublished: false });
    expect(await app.tasks.explain(published)).toMatchObject({ reason: 'broker_away', isPublished: true });
    await app.close();
    await proxy.close();
  });
});

describe('explain', () => {
  it('knows nothing of an id that is not there', async () => {
    const id = await send();
    await expect(sender.tasks.explain('nothing')).rejects.toEqual(new UnknownTaskError('nothing'));
    const explanations = await sender.tasks.explain([id, 'nothing']);
    expect([...explanations.keys()]).toEqual([id]);
    expect(await sender.tasks.explain([])).toEqual(new Map());
  });

  it('asks Postgres once for all tasks, and the broker once for each queue that one of them waits in', async () => {
    const ids = [await send(), await send(), await send(undefined, played, { countdown: HOUR })];
    for (const id of ids.slice(0, 2)) await untilExplained(sender.tasks, id, 'no_consumer');
    const query = jest.spyOn(sender.get(DataSource), 'query');
    const queueInfo = jest.spyOn(broker, 'queueInfo');
    expect((await sender.tasks.explain(ids)).size).toBe(3);
    expect(query.mock.calls.filter(([sql]) => sql.includes('living'))).toHaveLength(1);
    expect(queueInfo.mock.calls).toEqual([['work']]);
    queueInfo.mockClear();
    await sender.tasks.explain(ids[2] ?? '');
    expect(queueInfo.mock.calls).toEqual([]);
    jest.restoreAllMocks();
  });
});
