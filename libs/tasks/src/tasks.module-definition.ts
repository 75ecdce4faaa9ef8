import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { Broker } from './broker/broker.js';
import type { TaskQueue } from './broker/task-queue.js';
import type { TaskAnnotations } from './contract/annotations.js';
import type { TaskContract } from './contract/define-task.js';
import type { TaskRoutes } from './routes/task-routes.js';
import type { TaskStore } from './store/task-store.js';

/** What `TasksModule.forRoot` and `forRootAsync` are told. */
export interface TasksModuleOptions {
  /** RabbitMQ, or a memory broker that the apps of one process share. The module closes it. */
  broker: Broker;
  /** Where tasks are remembered. @defaultValue Postgres, through the app's TypeORM DataSource */
  store?: TaskStore;
  /**
   * Our task queues, the same as in the broker's topology (`taskTopology(queues)`): how each is reached, and what the
   * reconciler looks after. A task that is sent to another queue is run elsewhere (in Python, say), and its worker
   * tells us how it ended.
   */
  queues: ReadonlyArray<string | TaskQueue>;
  /** The app's tasks. A worker that consumes the queue of one of them must have a handler for it. */
  contracts?: readonly TaskContract[];
  /** Other options than the contracts have, by task name. */
  annotations?: TaskAnnotations;
  /** Other queues than the contracts have. */
  taskRoutes?: TaskRoutes;
  /** How long a task must have been standing still before its message counts as lost. @defaultValue 120000 */
  reconcileAfterMs?: number;
}

export const { ConfigurableModuleClass: ConfigurableTasksModule, MODULE_OPTIONS_TOKEN: TASKS_OPTIONS } =
  new ConfigurableModuleBuilder<TasksModuleOptions>()
    .setClassMethodName('forRoot')
    .setExtras({}, (definition) => ({ ...definition, global: true }))
    .build();

/** Token of the app's {@link Broker}: a provider of its own, so that tests can put another one in its place. */
export const BROKER = Symbol('BROKER');
/** Token of the app's {@link TaskStore}, for the same reason. */
export const TASK_STORE = Symbol('TASK_STORE');
