import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InvalidMessageError,
  mergeTopologies,
  Subscriptions,
  subscriptionTopology,
  taskTopology,
  type OutgoingMessage,
  type ReceivedMessage,
} from '@celeriac/tasks';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const place = { exchange: 'shop.events', queue: 'shop.events.ledger', patterns: ['order.*'] };
const topology = mergeTopologies(taskTopology(['work']), subscriptionTopology(place));
const schema = z.object({ order: z.number() });
type Order = z.output<typeof schema>;

@Injectable()
class Ledger implements OnModuleInit {
  readonly heard: Array<ReceivedMessage<Order>> = [];
  private readonly waiting: Array<() => void> = [];

  constructor(private readonly subscriptions: Subscriptions) {}

  onModuleInit(): void {
    this.subscriptions.add({
      queue: place.queue,
      schema,
      handle: async (messages) => {
        this.heard.push(...messages);
        for (const resume of this.waiting.splice(0)) resume();
      },
    });
  }

  get orders(): number[] {
    return this.heard.map(({ body }) => body.order);
  }

  async until(count: number): Promise<void> {
    while (this.heard.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

describe('a message of the app itself', () => {
  let app: TaskApp;
  let ledger: Ledger;

  beforeEach(async () => {
    app = await startTaskApp({ providers: [Ledger], broker: { topology }, worker: { queues: [] } });
    ledger = app.get(Ledger);
  });

  afterEach(() => app.drop());

  /** In a transaction of the app's own data source, as its services have it. */
  const transaction = (work: (manager: EntityManager) => Promise<void>): Promise<void> =>
    app.get(DataSource).transaction(work);

  const placed = (order: number, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
    exchange: place.exchange,
    routingKey: 'order.placed',
    body: { order },
    ...more,
  });

  it('goes to who listens, with its id and its headers', async () => {
    const id = randomUUID();
    await transaction((manager) =>
      app.tasks.within(manager).publish(placed(1, { id, headers: { tenant: 'a' } }), placed(2)),
    );
    await ledger.until(2);
    const first = ledger.heard.find(({ body }) => body.order === 1);
    expect(first).toMatchObject({ id, routingKey: 'order.placed', headers: { tenant: 'a' } });
    expect(ledger.heard.find(({ body }) => body.order === 2)?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is never sent when the transaction is rolled back', async () => {
    const rolledBack = transaction(async (manager) => {
      await app.tasks.within(manager).publish(placed(1));
      throw new Error('on second thoughts');
    });
    await expect(rolledBack).rejects.toThrow('on second thoughts');
    await transaction((manager) => app.tasks.within(manager).publish(placed(2)));
    await ledger.until(1);
    expect(ledger.orders).toEqual([2]);
  });

  it('is sent by another process when its writer dies right after the commit', async () => {
    const writer = await startTaskApp({ providers: [], worker: null, beside: app });
    await writer.close();
    // By a connection that tells it nothing: it has committed, and does nothing more.
    await app.database.dataSource.transaction((manager) => writer.tasks.within(manager).publish(placed(1)));
    await ledger.until(1);
    expect(ledger.orders).toEqual([1]);
  });

  it('that nobody listens to is forgotten, unless it is mandatory', async () => {
    const unheard = { routingKey: 'invoice.placed' };
    await transaction((manager) =>
      app.tasks.within(manager).publish(placed(1, unheard), placed(2, { ...unheard, mandatory: true }), placed(3)),
    );
    await ledger.until(1);
    expect(ledger.orders).toEqual([3]);
    // What has to be heard is put off, and the other is gone.
    let left: Array<{ mandatory: boolean; isPutOff: boolean }>;
    do {
      left = await app.database.dataSource.query(
        `SELECT mandatory, due_at BETWEEN now() AND now() + interval '10 s' AS "isPutOff" FROM outbox`,
      );
    } while (left.length > 1 || left.some(({ isPutOff }) => !isPutOff));
    expect(left).toMatchObject([{ mandatory: true }]);
  });

  it('that cannot be sent is refused, and nothing is written', async () => {
    const refused = transaction((manager) => app.tasks.within(manager).publish(placed(1), placed(2, { id: 'two' })));
    await expect(refused).rejects.toThrow(InvalidMessageError);
    expect(await app.database.dataSource.query('SELECT id FROM outbox')).toEqual([]);
  });
});
