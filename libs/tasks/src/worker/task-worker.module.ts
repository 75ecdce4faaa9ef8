import { hostname } from 'node:os';
import { ConfigurableModuleBuilder, Logger, Module, type OnModuleDestroy } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { v7 as uuidv7 } from 'uuid';
import type { Broker } from '../broker/broker.js';
import { annotated } from '../contract/annotations.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import { TaskRouter } from '../routes/task-router.js';
import type { TaskStore } from '../store/task-store.js';
import { Subscriptions } from '../subscriptions/subscriptions.js';
import { BROKER, TASK_STORE, TASKS_OPTIONS, type TasksModuleOptions } from '../tasks.module-definition.js';
import { Reconciler } from '../upkeep/reconciler.js';
import { Broadcasts } from './broadcasts.js';
import { DeadLetters } from './dead-letters.js';
import { FollowUpPlanner } from './follow-ups/follow-up-planner.js';
import { knownTasks } from './follow-ups/follow-up-task.js';
import { HandlerRegistry } from './handlers/handler-registry.js';
import { TaskEnds } from './handlers/task-ends.js';
import { LeaseKeeper } from './lease-keeper.js';
import { nodeName } from './node-name.js';
import { TaskExecutor } from './task-executor.js';
import { TaskServer } from './task-server.js';
import { TaskWorker } from './task-worker.js';
import { assertWorkerOptions, type TaskWorkerOptions } from './task-worker-options.js';
import { ThreadPool, type ThreadPoolOptions } from './threads/thread-pool.js';
import { assertWired } from './handlers/wiring.js';

/** What `TaskWorkerModule.forRoot` is told. */
export interface TaskWorkerModuleOptions extends TaskWorkerOptions, ThreadPoolOptions {
  /** Node name; `%h` stands for the host, `%n` for its name and `%d` for its domain. @defaultValue celery@%h */
  name?: string;
  /** For how long claims hold without a sign of life. @defaultValue 15000 */
  leaseMs?: number;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<TaskWorkerModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

/**
 * Everything that runs tasks. Import it beside {@link TasksModule} in a worker's root module, and start the worker as
 * a microservice whose strategy is the {@link TaskServer}.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    HandlerRegistry,
    {
      provide: TaskServer,
      inject: [
        MODULE_OPTIONS_TOKEN,
        TASKS_OPTIONS,
        TaskRouter,
        BROKER,
        TASK_STORE,
        OutboxRelay,
        Reconciler,
        HandlerRegistry,
        TaskEnds,
        Subscriptions,
      ],
      useFactory: (
        options: TaskWorkerModuleOptions,
        { contracts = [], annotations = {} }: TasksModuleOptions,
        router: TaskRouter,
        broker: Broker,
        tasks: TaskStore,
        relay: OutboxRelay,
        reconciler: Reconciler,
        registry: HandlerRegistry,
        ends: TaskEnds,
        subscriptions: Subscriptions,
      ) => {
        assertWorkerOptions(options);
        const log = new Logger('Worker');
        const name = nodeName(options.name ?? 'celery@%h', hostname());
        const { queues: consumed, concurrency } = options;
        const identity = { id: uuidv7(), name, pid: process.pid, queues: consumed, concurrency };
        const store = tasks.forWorker(identity, {
          onError: (error) => log.warn(`Outcomes wait, the database cannot take them now: ${String(error)}`),
          onOutbox: () => relay.wake(),
        });
        const lease = new LeaseKeeper(store, { leaseMs: options.leaseMs ?? 15_000, log });
        const deadLetters = new DeadLetters(tasks.outbox, log);
        return new TaskServer(identity, (onBroken) => {
          const threads = new ThreadPool(options, log);
          const handlers = registry.find(annotations, threads);
          assertWired([...handlers.keys()], { contracts, annotations, queues: consumed, router });
          const handled = [...handlers.values()].map(({ contract }) => contract);
          const known = [...contracts.map((contract) => annotated(contract, annotations)), ...handled];
          const followUps = new FollowUpPlanner(knownTasks(router, known), log, ends.writers);
          const executor = new TaskExecutor({ store, lease, followUps, log, hostname: name });
          const broadcasts = new Broadcasts({
            broker,
            outbox: tasks.outbox,
            reconciler,
            handlers,
            worker: name,
            queues: options.queues,
            log,
          });
          const running = { executor, broadcasts, followUps, threads, handlers };
          const parts = { broker, router, store, lease, deadLetters, ...running, log, onBroken };
          subscriptions.start();
          return new TaskWorker(parts, options);
        });
      },
    },
  ],
  exports: [TaskServer],
})
export class TaskWorkerModule extends ConfigurableModuleClass implements OnModuleDestroy {
  constructor(private readonly server: TaskServer) {
    super();
  }

  /** Before the broker is closed, also where Nest closes microservices last: in hybrid apps, and at signals. */
  async onModuleDestroy(): Promise<void> {
    await this.server.close();
  }
}
