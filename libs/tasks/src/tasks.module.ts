import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Logger, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Broker } from './broker/broker.js';
import { ResultsConsumer } from './client/results-consumer.js';
import { TaskClient } from './client/task-client.js';
import { TaskWaits } from './client/task-waits.js';
import { OutboxPublisher } from './outbox/outbox-publisher.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { Reconciler } from './upkeep/reconciler.js';
import { Retention } from './upkeep/retention.js';
import { PostgresOutboxStore } from './store/postgres/postgres-outbox-store.js';
import { ConfigurableTasksModule, TASKS_OPTIONS, type TasksModuleOptions } from './tasks.module-definition.js';

const DRAIN_TIMEOUT_MS = 2000;
const RETENTION_INTERVAL_MS = 60_000;

const log = new Logger('Tasks');

/**
 * Everything that sends tasks: the client, the outbox and its relay. Needs a TypeORM DataSource with `taskEntities`
 * and `taskMigrations`. Import it once, with `TasksModule.forRootAsync(...)`; it is global.
 */
@Module({
  providers: [
    TaskWaits,
    {
      provide: PostgresOutboxStore,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new PostgresOutboxStore(dataSource),
    },
    {
      provide: OutboxPublisher,
      inject: [TASKS_OPTIONS, PostgresOutboxStore],
      useFactory: ({ broker }: TasksModuleOptions, store: PostgresOutboxStore) =>
        new OutboxPublisher(broker, store, log),
    },
    {
      provide: OutboxRelay,
      inject: [TASKS_OPTIONS, PostgresOutboxStore, OutboxPublisher],
      useFactory: ({ broker }: TasksModuleOptions, store: PostgresOutboxStore, publisher: OutboxPublisher) =>
        new OutboxRelay(broker, store, publisher, {
          onError: (error) => log.warn(`The outbox cannot be read at the moment: ${String(error)}`),
        }),
    },
    {
      provide: Reconciler,
      inject: [TASKS_OPTIONS, PostgresOutboxStore],
      useFactory: (
        { broker, queues, reconcileAfterMs: minAgeMs = 120_000 }: TasksModuleOptions,
        store: PostgresOutboxStore,
      ) => new Reconciler(broker, store, { queues, minAgeMs, intervalMs: minAgeMs / 2, log }),
    },
    {
      provide: Retention,
      inject: [PostgresOutboxStore],
      useFactory: (store: PostgresOutboxStore) => new Retention(store, { intervalMs: RETENTION_INTERVAL_MS, log }),
    },
    {
      provide: ResultsConsumer,
      inject: [TASKS_OPTIONS, PostgresOutboxStore],
      useFactory: ({ broker }: TasksModuleOptions, store: PostgresOutboxStore) =>
        new ResultsConsumer(broker, store, log),
    },
    {
      provide: TaskClient,
      inject: [TASKS_OPTIONS, PostgresOutboxStore, OutboxPublisher],
      useFactory: ({ annotations }: TasksModuleOptions, store: PostgresOutboxStore, publisher: OutboxPublisher) =>
        new TaskClient(store, publisher, annotations),
    },
  ],
  exports: [TaskClient, TaskWaits, Reconciler, OutboxRelay, PostgresOutboxStore, TASKS_OPTIONS],
})
export class TasksModule extends ConfigurableTasksModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly broker: Broker;

  constructor(
    @Inject(TASKS_OPTIONS) { broker }: TasksModuleOptions,
    private readonly store: PostgresOutboxStore,
    private readonly publisher: OutboxPublisher,
    private readonly relay: OutboxRelay,
    private readonly reconciler: Reconciler,
    private readonly retention: Retention,
    private readonly results: ResultsConsumer,
    private readonly tasks: TaskClient,
  ) {
    super();
    this.broker = broker;
  }

  onApplicationBootstrap(): void {
    this.relay.start();
    this.reconciler.start();
    this.retention.start();
    this.results.start();
  }

  /** Before TypeORM closes its connections. What is still sent after this waits in the outbox. */
  async beforeApplicationShutdown(): Promise<void> {
    const parts = [this.relay, this.reconciler, this.retention, this.results];
    const stopped = Promise.all([...parts.map((part) => part.stop()), this.tasks.close()]);
    const published = stopped.then(() => this.publisher.drain());
    // A broker that does not confirm may not hold up the stop; when it is closed, what waits for it gives up.
    await Promise.race([published, sleep(DRAIN_TIMEOUT_MS, undefined, { ref: false })]);
    await this.broker.close();
    await published;
    await this.store.close();
  }
}
