import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { TaskExplainer } from '../../libs/tasks/src/client/explain/task-explainer.js';
import type { Publication } from '../../libs/tasks/src/broker/broker.js';
import { MemoryBroker } from '../../libs/tasks/src/broker/memory/memory-broker.js';
import { taskTopology } from '../../libs/tasks/src/broker/topology.js';
import { TaskClient } from '../../libs/tasks/src/client/task-client.js';
import { defineTask } from '../../libs/tasks/src/contract/define-task.js';
import { OutboxPublisher } from '../../libs/tasks/src/outbox/outbox-publisher.js';
import { OutboxRelay } from '../../libs/tasks/src/outbox/outbox-relay.js';
import { bringBackAll } from '../../libs/tasks/src/store/postgres/bring-back-all.js';
import type { EntityManager } from 'typeorm';
import { PostgresOutboxStore } from '../../libs/tasks/src/store/postgres/postgres-outbox-store.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { newTask, request, worker } from '../../libs/tasks/src/testing/conformance/store/builders.js';

const greet = defineTask({ name: 'test.greet', input: z.object({ name: z.string() }), queue: 'mail' });

/** Notes what is published. */
class WatchedBroker extends MemoryBroker {
  readonly published: Publication[] = [];

  override publish(publication: Publication) {
    this.published.push(publication);
    return super.publish(publication);
  }
}

describe('the outbox', () => {
  let database: TaskDatabase;
  let store: PostgresOutboxStore;
  let broker: WatchedBroker;
  let publisher: OutboxPublisher;
  let client: TaskClient;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE task, task_attempt, outbox, worker');
    store = new PostgresOutboxStore(database.dataSource);
    broker = new WatchedBroker(taskTopology(['mail']));
    publisher = new OutboxPublisher(broker, store, console);
    client = new TaskClient(store, publisher, new TaskExplainer(broker, store));
  });

  afterEach(async () => {
    await publisher.drain();
    await store.close();
  });

  afterAll(() => database.drop());

  async function waitingIds(): Promise<string[]> {
    const rows = (await database.dataSource.query('SELECT task_id FROM outbox')) as Array<{ task_id: string }>;
    return rows.map(({ task_id: id }) => id);
  }

  it('publishes a task once it is committed, and forgets it then', async () => {
    const { id } = await client.delay(greet, { name: 'Ann' });
    await publisher.drain();
    expect(broker.published).toMatchObject([
      {
        exchange: 'mail',
        routingKey: 'mail',
        message: {
          properties: { messageId: `${id}.0`, correlationId: id, deliveryMode: 2 },
          headers: { id, task: 'test.greet', 'celeriac-generation': 0 },
        },
      },
    ]);
    expect(await waitingIds()).toEqual([]);
  });

  it('publishes nothing before the caller has committed', async () => {
    await database.dataSource.transaction(async (manager) => {
      await client.within(manager).enqueueMany(greet, [{ input: { name: 'Ann' } }, { input: { name: 'Bob' } }]);
      // A transaction inside the transaction is no commit.
      await manager.transaction((inner) => inner.query('SELECT 1'));
      await publisher.drain();
      expect(broker.published).toEqual([]);
    });
    await publisher.drain();
    expect(broker.published).toHaveLength(2);
  });

  it('leaves nothing when the caller rolls back', async () => {
    const failing = database.dataSource.transaction(async (manager) => {
      await client.within(manager).enqueueMany(greet, [{ input: { name: 'Ann' } }]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await database.dataSource.transaction((manager) => manager.query('SELECT 1'));
    await publisher.drain();
    expect(broker.published).toEqual([]);
    expect(await waitingIds()).toEqual([]);
    expect(await database.dataSource.query('SELECT id FROM task')).toEqual([]);
  });

  it('refuses a transaction that has ended: what is called in it would be sent all the same', async () => {
    let late: EntityManager | undefined;
    await database.dataSource.transaction(async (manager) => void (late = manager));
    const call = client.within(late as EntityManager).delay(greet, { name: 'Ann' });
    await expect(call).rejects.toThrow(/no open transaction/);
    expect(await waitingIds()).toEqual([]);
  });

  it('publishes nothing of a savepoint that was undone', async () => {
    await database.dataSource.transaction(async (manager) => {
      const inner = manager.transaction(async (nested) => {
        await client.within(nested).enqueueMany(greet, [{ input: { name: 'Ann' } }]);
        throw new Error('changed my mind');
      });
      await expect(inner).rejects.toThrow('changed my mind');
    });
    await publisher.drain();
    expect(broker.published).toEqual([]);
  });

  it('publishes nothing under an id that is taken', async () => {
    const call = { input: { name: 'Ann' }, taskId: newTask().id };
    for (const name of ['Ann', 'Bob']) {
      await database.dataSource.transaction((manager) =>
        client.within(manager).enqueueMany(greet, [{ ...call, input: { name } }]),
      );
    }
    await publisher.drain();
    expect(broker.published).toHaveLength(1);
  });

  it('refuses input that the contract does not allow, naming the field', async () => {
    await expect(client.delay(greet, { name: 7 } as never)).rejects.toThrow(/test\.greet.*name: /);
    expect(await waitingIds()).toEqual([]);
  });

  it('is emptied by a relay when nobody else does', async () => {
    const tasks = Array.from({ length: 30 }, () => newTask());
    await Promise.all(tasks.map((task) => store.enqueueOne(task)));
    const relays = [1, 2].map(() => new OutboxRelay(broker, store, publisher, { pollMs: 5, batchSize: 7 }));
    for (const relay of relays) relay.start();
    while ((await waitingIds()).length > 0);
    await Promise.all(relays.map((relay) => relay.stop()));
    const ids = broker.published.map(({ message }) => message.properties.messageId);
    expect(ids.toSorted()).toEqual(tasks.map(({ id }) => `${id}.0`).toSorted());
  });

  it('keeps what the broker has no queue for', async () => {
    const lost = newTask();
    await store.enqueueOne({ ...lost, message: { ...lost.message, exchange: 'nowhere' } });
    const [row] = await store.takeDue(1, 1000);
    if (row !== undefined) await publisher.publish(row);
    expect(await waitingIds()).toEqual([lost.id]);
    expect(await store.takeDue(1, 1000)).toEqual([]);
  });

  it('is filled with everything for a process that was killed', async () => {
    const tasks = [newTask(), newTask()] as const;
    await Promise.all(tasks.map((task) => store.enqueueOne(task)));
    await Promise.all(tasks.map(({ outboxId }) => store.published(outboxId)));
    const killed = new PostgresWorkerStore(database.dataSource, worker('ann'));
    await killed.renewLease(60_000);
    await killed.claim([request(tasks[0].id)]);
    await killed.close();
    expect(await bringBackAll(database.dataSource, ['mail'])).toBe(2);
    expect((await store.takeDue(10, 1000)).map(({ taskId }) => taskId).toSorted()).toEqual(
      tasks.map(({ id }) => id).toSorted(),
    );
  });
});
