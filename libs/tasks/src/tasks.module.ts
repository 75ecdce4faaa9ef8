import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Logger, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DataSource } from 'typeorm';
import type { Broker } from './broker/broker.js';
import { checkAnnotations } from './contract/annotations.js';
import { DeadLetterQueues } from './client/dead-letters/dead-letter-queues.js';
import { ResultsConsumer } from './client/results-consumer.js';
import { TaskClient } from './client/task-client.js';
import { TaskExplainer } from './client/explain/task-explainer.js';
import { OutboxPublisher } from './outbox/outbox-publisher.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import { PostgresTaskStore } from './store/postgres/postgres-task-store.js';
import type { TaskStore } from './store/task-store.js';
import {
  BROKER,
  ConfigurableTasksModule,
  TASK_STORE,
  TASKS_OPTIONS,
  type TasksModuleOptions,
} from './tasks.module-definition.js';
import { TaskRouter } from './routes/task-router.js';
import { Reconciler } from './upkeep/reconciler.js';
import { Retention } from './upkeep/retention.js';
import { KnownContracts } from './worker/handlers/known-contracts.js';
import { TaskEnds } from './worker/handlers/task-ends.js';

const DRAIN_TIMEOUT_MS = 2000;
const RETENTION_INTERVAL_MS = 60_000;

const WHY_CLASSIC = 'it is a classic queue, which RabbitMQ keeps on one node of a cluster.';

const log = new Logger('Tasks');

/**
 * Everything that sends tasks: the client, the outbox and its relay. Needs a TypeORM DataSource with `taskEntities`
 * and `taskMigrations`, unless its options name another store. Import it once, with `TasksModule.forRootAsync(...)`; it
 * is global.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    DeadLetterQueues,
    TaskEnds,
    KnownContracts,
    { provide: BROKER, inject: [TASKS_OPTIONS], useFactory: ({ broker }: TasksModuleOptions) => broker },
    {
      provide: TaskRouter,
      inject: [TASKS_OPTIONS],
      useFactory: (options: TasksModuleOptions) => new TaskRouter(options),
    },
    {
      provide: TASK_STORE,
      inject: [TASKS_OPTIONS, { token: DataSource, optional: true }],
      useFactory: ({ store }: TasksModuleOptions, dataSource?: DataSource) => store ?? postgresStore(dataSource),
    },
    {
      provide: OutboxPublisher,
      inject: [BROKER, TASK_STORE],
      useFactory: (broker: Broker, { outbox }: TaskStore) => new OutboxPublisher(broker, outbox, log),
    },
    {
      provide: OutboxRelay,
      inject: [BROKER, TASK_STORE, OutboxPublisher],
      useFactory: (broker: Broker, { outbox }: TaskStore, publisher: OutboxPublisher) =>
        new OutboxRelay(broker, outbox, publisher, {
          onError: (error) => log.warn(`The outbox cannot be read at the moment: ${String(error)}`),
        }),
    },
    {
      provide: Reconciler,
      inject: [TASKS_OPTIONS, TaskRouter, BROKER, TASK_STORE],
      useFactory: (
        { reconcileAfterMs: minAgeMs = 120_000 }: TasksModuleOptions,
        { queues }: TaskRouter,
        broker: Broker,
        { outbox }: TaskStore,
      ) =>
        new Reconciler(broker, outbox, {
          queues: queues.map(({ name }) => name),
          minAgeMs,
          intervalMs: minAgeMs / 2,
          log,
        }),
    },
    {
      provide: Retention,
      inject: [TASK_STORE],
      useFactory: ({ outbox }: TaskStore) => new Retention(outbox, { intervalMs: RETENTION_INTERVAL_MS, log }),
    },
    {
      provide: ResultsConsumer,
      inject: [BROKER, TASK_STORE],
      useFactory: (broker: Broker, { outbox }: TaskStore) => new ResultsConsumer(broker, outbox, log),
    },
    {
      provide: Subscriptions,
      inject: [BROKER, TASK_STORE],
      useFactory: (broker: Broker, { outbox }: TaskStore) => new Subscriptions({ broker, outbox, log }),
    },
    {
      provide: TaskClient,
      inject: [TASKS_OPTIONS, BROKER, TaskRouter, TASK_STORE, OutboxPublisher, OutboxRelay, TaskEnds],
      useFactory: (
        { contracts, annotations }: TasksModuleOptions,
        broker: Broker,
        router: TaskRouter,
        { outbox }: TaskStore,
        publisher: OutboxPublisher,
        relay: OutboxRelay,
        ends: TaskEnds,
      ) => {
        const explainer = new TaskExplainer(broker, outbox, { contracts, annotations });
        return new TaskClient(outbox, publisher, explainer, { annotations, router, relay, ends });
      },
    },
  ],
  exports: [
    TaskClient,
    TaskRouter,
    DeadLetterQueues,
    Subscriptions,
    TaskEnds,
    KnownContracts,
    Reconciler,
    OutboxRelay,
    BROKER,
    TASK_STORE,
    TASKS_OPTIONS,
  ],
})
export class TasksModule extends ConfigurableTasksModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(BROKER) private readonly broker: Broker,
    @Inject(TASKS_OPTIONS) { annotations = {} }: TasksModuleOptions,
    @Inject(TASK_STORE) private readonly store: TaskStore,
    private readonly publisher: OutboxPublisher,
    private readonly relay: OutboxRelay,
    private readonly reconciler: Reconciler,
    private readonly retention: Retention,
    private readonly results: ResultsConsumer,
    private readonly subscriptions: Subscriptions,
    private readonly tasks: TaskClient,
    private readonly router: TaskRouter,
  ) {
    super();
    checkAnnotations(annotations);
  }

  onApplicationBootstrap(): void {
    for (const { name, maxPriority } of this.router.queues) {
      if (maxPriority !== null) log.log(`Queue "${name}" has priorities up to ${maxPriority}: ${WHY_CLASSIC}`);
    }
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
    // After that: what a broker in memory still gets would be lost with the process.
    const heard = published.then(() => this.subscriptions.stop());
    // A broker that does not confirm may not hold up the stop; when it is closed, what waits for it gives up.
    await Promise.race([heard, sleep(DRAIN_TIMEOUT_MS, undefined, { ref: false })]);
    await this.broker.close();
    await heard;
    await this.store.outbox.close();
  }
}

function postgresStore(dataSource: DataSource | undefined): TaskStore {
  if (dataSource !== undefined) return new PostgresTaskStore(dataSource);
  throw new TypeError(
    'TasksModule has nowhere to keep tasks: import TypeOrmModule.forRoot(...) too, or give the module a `store`.',
  );
}
