import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { mailSchema } from '@celeriac/mail';
import { TaskExplainer } from '../../libs/tasks/src/client/explain/task-explainer.js';
import type { PublishOutcome } from '../../libs/tasks/src/broker/broker.js';
import { MemoryBroker } from '../../libs/tasks/src/broker/memory/memory-broker.js';
import { taskTopology } from '../../libs/tasks/src/broker/topology.js';
import { TaskClient } from '../../libs/tasks/src/client/task-client.js';
import { defineTask } from '../../libs/tasks/src/contract/define-task.js';
import { OutboxPublisher } from '../../libs/tasks/src/outbox/outbox-publisher.js';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

const COUNT = 10_000;
const greet = defineTask({ name: 'test.greet', input: z.object({ name: z.string() }), queue: 'work' });
const greetOnce = { ...greet, name: 'test.greet_once', uniqueFor: 60 };
const calls = Array.from({ length: COUNT }, (_, n) => ({ input: { name: `guest ${n}` } }));

const statements: string[] = [];

class NotingClient extends Client {
  override query(...args: unknown[]): never {
    const [query] = args;
    statements.push(typeof query === 'string' ? query : String((query as { name?: string; text?: string }).name));
    return (super.query as (...all: unknown[]) => never).apply(this, args);
  }
}

/** Confirms nothing until it may. */
class SlowBroker extends MemoryBroker {
  published = 0;
  private readonly confirmed: Promise<PublishOutcome>;
  confirm: () => void = () => undefined;

  constructor() {
    super(taskTopology(['work']));
    this.confirmed = new Promise((resolve) => (this.confirm = () => resolve('confirmed')));
  }

  override publish(): Promise<PublishOutcome> {
    this.published += 1;
    return this.confirmed;
  }
}

describe('ten thousand tasks in one call', () => {
  let database: TaskDatabase;
  let dataSource: DataSource;
  let store: PostgresOutboxStore;
  let broker: SlowBroker;
  let publisher: OutboxPublisher;
  let tasks: TaskClient;

  beforeAll(async () => {
    database = await createTaskDatabase();
    dataSource = new DataSource({
      type: 'postgres',
      url: database.url,
      ...mailSchema,
      extra: { Client: NotingClient },
    });
    await dataSource.initialize();
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, outbox, unique_task');
    store = new PostgresOutboxStore(dataSource);
    broker = new SlowBroker();
    publisher = new OutboxPublisher(broker, store, console);
    tasks = new TaskClient(store, publisher, new TaskExplainer(broker, store));
  });

  afterEach(async () => {
    broker.confirm();
    await publisher.drain();
    await store.close();
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it.each([
    [greet, 'celeriac_enqueue'],
    [greetOnce, 'celeriac_enqueue_unique'],
  ])('are a few statements of one transaction: $name', async (contract, statement) => {
    statements.length = 0;
    const results = await tasks.enqueueMany(contract, calls);
    const written = Array.from({ length: COUNT / 1000 }, () => statement);
    expect(statements).toEqual(['START TRANSACTION', ...written, 'COMMIT']);
    expect(new Set(results.map(({ id }) => id)).size).toBe(COUNT);
    const rows = await dataSource.query('SELECT xmin::text, count(*)::int FROM task GROUP BY 1');
    expect(rows).toEqual([{ xmin: expect.any(String), count: COUNT }]);
  });

  it('are not all in flight at once: the relays take their share', async () => {
    await tasks.enqueueMany(greet, calls);
    expect(broker.published).toBe(1000);
    const [{ due }] = await dataSource.query('SELECT count(*)::int AS due FROM outbox WHERE due_at <= now()');
    expect(due).toBe(COUNT - 1000);
  });
});
