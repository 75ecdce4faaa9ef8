import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { TaskExplainer } from '../../libs/tasks/src/client/explain/task-explainer.js';
import { MemoryBroker } from '../../libs/tasks/src/broker/memory/memory-broker.js';
import { taskTopology } from '../../libs/tasks/src/broker/topology.js';
import { TaskClient } from '../../libs/tasks/src/client/task-client.js';
import { defineTask } from '../../libs/tasks/src/contract/define-task.js';
import type { EndState } from '../../libs/tasks/src/contract/task-state.js';
import { OutboxPublisher } from '../../libs/tasks/src/outbox/outbox-publisher.js';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { Retention } from '../../libs/tasks/src/upkeep/retention.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

const base = { queue: 'work', input: z.object({ customer: z.string(), month: z.number() }) };
const plain = defineTask({ ...base, name: 'test.plain' });
const bill = defineTask({ ...base, name: 'test.bill', uniqueFor: 3600 });
const billCustomer = defineTask({ ...base, name: 'test.bill', uniqueFor: 3600, uniqueKey: ({ customer }) => customer });
const billOnce = defineTask({ ...base, name: 'test.bill', uniqueFor: 3600, uniqueStates: ['SUCCESS'] });
const remind = defineTask({ ...base, name: 'test.remind', uniqueFor: 3600 });

const ann = { customer: 'ann', month: 1 };

describe('a unique task', () => {
  let database: TaskDatabase;
  let stores: PostgresOutboxStore[];
  let tasks: TaskClient;
  let publisher: OutboxPublisher;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, outbox, unique_task');
    stores = [];
    tasks = producer();
  });

  afterEach(async () => {
    await publisher.drain();
    for (const store of stores) await store.close();
  });

  afterAll(() => database.drop());

  /** A process of its own, as far as its connections go. */
  function producer(): TaskClient {
    const store = new PostgresOutboxStore(database.dataSource);
    stores.push(store);
    const broker = new MemoryBroker(taskTopology(['work']));
    publisher = new OutboxPublisher(broker, store, console);
    return new TaskClient(store, publisher, new TaskExplainer(broker, store));
  }

  async function storedIds(): Promise<string[]> {
    const rows = (await database.dataSource.query('SELECT id FROM task ORDER BY id')) as Array<{ id: string }>;
    return rows.map(({ id }) => id);
  }

  const end = (id: string, state: EndState): Promise<unknown> =>
    database.dataSource.query('UPDATE task SET state = $2, finished_at = now() WHERE id = $1', [id, state]);

  it('is sent once while it has not ended; the second call has the id of the first, and says so', async () => {
    const first = await tasks.delay(bill, ann);
    const second = await tasks.delay(bill, { month: 1, customer: 'ann' });
    expect([first.duplicate, second.duplicate]).toEqual([false, true]);
    expect(second.id).toBe(first.id);
    expect(await storedIds()).toEqual([first.id]);
  });

  it('is another one with another input, under another name, or without uniqueFor', async () => {
    await tasks.delay(bill, ann);
    const others = [
      await tasks.delay(bill, { ...ann, month: 2 }),
      await tasks.delay(remind, ann),
      await tasks.delay(plain, ann),
      await tasks.delay(plain, ann),
    ];
    expect(others.map(({ duplicate }) => duplicate)).toEqual([false, false, false, false]);
  });

  it('is the same when the chosen part of its input is', async () => {
    const first = await tasks.delay(billCustomer, ann);
    expect(await tasks.delay(billCustomer, { ...ann, month: 2 })).toMatchObject({ id: first.id, duplicate: true });
    expect(await tasks.delay(billCustomer, { ...ann, customer: 'bob' })).toMatchObject({ duplicate: false });
  });

  it.each<EndState>(['SUCCESS', 'FAILURE', 'REVOKED'])('may be sent again after its end as %s', async (state) => {
    const first = await tasks.delay(bill, ann);
    await end(first.id, state);
    const second = await tasks.delay(bill, ann);
    expect(second).toMatchObject({ duplicate: false });
    expect(await tasks.delay(bill, ann)).toMatchObject({ id: second.id, duplicate: true });
  });

  it('counts after an end too that its contract names', async () => {
    const first = await tasks.delay(billOnce, ann);
    await end(first.id, 'SUCCESS');
    expect(await tasks.delay(billOnce, ann)).toMatchObject({ id: first.id, duplicate: true });
    await end(first.id, 'FAILURE');
    expect(await tasks.delay(billOnce, ann)).toMatchObject({ duplicate: false });
  });

  it('may be sent again when its period is over, and the key is forgotten', async () => {
    const { id } = await tasks.delay(bill, ann);
    await database.dataSource.query('UPDATE unique_task SET until = now()');
    expect(await tasks.delay(bill, ann)).toMatchObject({ duplicate: false });
    expect(await storedIds()).toHaveLength(2);
    await tasks.delay(remind, ann);
    await database.dataSource.query('UPDATE unique_task SET until = now() WHERE task_id <> $1', [id]);
    for (const store of stores) await new Retention(store, { intervalMs: 1000, log: console }).runOnce();
    expect(await database.dataSource.query('SELECT FROM unique_task')).toEqual([]);
  });

  it('is sent once by several producers that call at the same time', async () => {
    const producers = [tasks, producer(), producer(), producer()];
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, n) => producers[n % 4]?.delay(bill, { customer: `c${n % 5}`, month: 1 })),
    );
    expect(results.filter((result) => !(result?.duplicate ?? true))).toHaveLength(5);
    expect(new Set(results.map((result) => result?.id)).size).toBe(5);
    expect(await storedIds()).toHaveLength(5);
  });

  it('waits for a transaction that has the key, and is the task of that one if it commits', async () => {
    const other = producer();
    const inTransaction = await database.dataSource.transaction(async (manager) => {
      const first = await tasks.within(manager).applyAsync(bill, ann);
      const second = await tasks.within(manager).delay(bill, ann);
      expect(second).toMatchObject({ id: first.id, duplicate: true });
      const waiting = other.delay(bill, ann);
      // Others are not held up by it.
      await other.delay(plain, ann);
      return { first, waiting };
    });
    expect(await inTransaction.waiting).toMatchObject({ id: inTransaction.first.id, duplicate: true });
  });

  it('leaves no key behind when its transaction is rolled back', async () => {
    const undone = database.dataSource.transaction(async (manager) => {
      await tasks.within(manager).applyAsync(bill, ann);
      throw new Error('never mind');
    });
    await expect(undone).rejects.toThrow('never mind');
    expect(await tasks.delay(bill, ann)).toMatchObject({ duplicate: false });
  });

  it('is sent once among many calls, in their order', async () => {
    const calls = Array.from({ length: 2500 }, (_, n) => ({ input: { customer: `c${n % 1250}`, month: 1 } }));
    const results = await tasks.enqueueMany(bill, calls);
    expect(results.map(({ duplicate }) => duplicate)).toEqual(calls.map((_, n) => n >= 1250));
    expect(results.slice(1250).map(({ id }) => id)).toEqual(results.slice(0, 1250).map(({ id }) => id));
    expect(await storedIds()).toHaveLength(1250);
  });

  it('does not deadlock with others that send the same ones in another order', async () => {
    const calls = Array.from({ length: 1500 }, (_, n) => ({ input: { customer: `c${n}`, month: 1 } }));
    const many = await Promise.all([
      tasks.enqueueMany(bill, calls),
      producer().enqueueMany(bill, calls.toReversed()),
      producer().enqueueMany(bill, calls),
    ]);
    expect(many.flat().filter(({ duplicate }) => !duplicate)).toHaveLength(1500);
    expect(await storedIds()).toHaveLength(1500);
  });

  it('is refused when its key says nothing of the input', async () => {
    const broken = defineTask({ ...base, name: 'test.broken', uniqueFor: 60, uniqueKey: () => undefined });
    await expect(tasks.delay(broken, ann)).rejects.toThrow(/uniqueKey of task test.broken/);
  });
});

describe('a call with an idempotency key', () => {
  let database: TaskDatabase;
  let store: PostgresOutboxStore;
  let tasks: TaskClient;
  let publisher: OutboxPublisher;

  beforeAll(async () => {
    database = await createTaskDatabase();
    store = new PostgresOutboxStore(database.dataSource);
    const broker = new MemoryBroker(taskTopology(['work']));
    publisher = new OutboxPublisher(broker, store, console);
    tasks = new TaskClient(store, publisher, new TaskExplainer(broker, store));
  });

  afterAll(async () => {
    await publisher.drain();
    await store.close();
    await database.drop();
  });

  it('sends nothing the second time, whatever has become of the first; other calls and tasks are free', async () => {
    const first = await tasks.applyAsync(plain, ann, { idempotencyKey: 'order-1' });
    await database.dataSource.query(`UPDATE task SET state = 'FAILURE', finished_at = now()`);
    const second = await tasks.applyAsync(plain, { ...ann, month: 2 }, { idempotencyKey: 'order-1' });
    expect(second).toMatchObject({ id: first.id, duplicate: true });
    expect(await tasks.applyAsync(plain, ann, { idempotencyKey: 'order-2' })).toMatchObject({ duplicate: false });
    expect(await tasks.applyAsync(remind, ann, { idempotencyKey: 'order-1' })).toMatchObject({ duplicate: false });
    expect(await tasks.delay(plain, ann)).toMatchObject({ duplicate: false });
  });

  it('may stand among calls without one', async () => {
    const results = await tasks.enqueueMany(plain, [
      { input: ann },
      { input: ann, idempotencyKey: 'twice' },
      { input: ann },
      { input: ann, idempotencyKey: 'twice' },
      { input: ann, taskId: 'mine' },
      { input: ann, taskId: 'mine' },
    ]);
    expect(results.map(({ duplicate }) => duplicate)).toEqual([false, false, false, true, false, true]);
    expect(results[3]?.id).toBe(results[1]?.id);
    expect(results[5]?.id).toBe('mine');
  });
});
