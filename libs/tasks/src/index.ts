export { annotated, type TaskAnnotations } from './contract/annotations.js';
export { defineTask, type InputSchema, type TaskContract, type TaskDefinition } from './contract/define-task.js';
export { DEFAULT_TASK_OPTIONS, type RetryPolicy, type TaskOptions } from './contract/task-options.js';
export { InvalidTaskInputError, type InputIssue } from './contract/invalid-task-input.error.js';
export { BrokerAwayError } from './broker/broker-away.error.js';
export type {
  Broker,
  ConsumeOptions,
  Consumer,
  Delivery,
  Publication,
  Publisher,
  PublishOutcome,
} from './broker/broker.js';
export { MemoryBroker } from './broker/memory/memory-broker.js';
export { RabbitMqBroker, type RabbitMqBrokerOptions } from './broker/rabbitmq/rabbitmq-broker.js';
export { DEAD_LETTER_EXCHANGE, deadLetterQueue, taskTopology, type Topology } from './broker/topology.js';
export { InvalidCallOptionError, type CallOptions } from './client/call-options.js';
export { TaskClient, type TaskCall, type TaskReference, type TransactionalTaskClient } from './client/task-client.js';
export { TaskWaits, type TaskWait } from './client/task-waits.js';
export { Reconciler } from './upkeep/reconciler.js';
export { OutboxEntity } from './store/entities/outbox.entity.js';
export { TaskAttemptEntity } from './store/entities/task-attempt.entity.js';
export { TaskEntity } from './store/entities/task.entity.js';
export { WorkerEntity } from './store/entities/worker.entity.js';
export { NaturalBatch, type NaturalBatchOptions } from './store/natural-batch.js';
export { impatientPostgres } from './store/postgres/impatient-client.js';
export { bringBackAll } from './store/postgres/bring-back-all.js';
export { assertMigrated, migrate, SchemaOutdatedError } from './store/migrate.js';
export { taskEntities, taskMigrations } from './store/schema.js';
export { isStoreAway } from './store/store-errors.js';
export { PostgresTaskStore } from './store/postgres/postgres-task-store.js';
export type {
  AttemptOutcome,
  OutboxStore,
  SettlementWriter,
  TaskError,
  TaskState,
  TaskStore,
  WaitReason,
  WorkerStore,
} from './store/task-store.js';
export { TasksModule } from './tasks.module.js';
export { TASK_STORE, type TasksModuleOptions } from './tasks.module-definition.js';
export { TaskContext } from './worker/task-context.js';
export {
  ClaimLostError,
  PermanentTaskError,
  RetryTaskError,
  SnoozeTaskError,
  SoftTimeLimitExceeded,
  TaskRevokedError,
  TaskWiringError,
  TimeLimitExceeded,
  WorkerStoppedError,
} from './worker/task-errors.js';
export { TaskHandler } from './worker/task-handler.decorator.js';
export { TaskServer } from './worker/task-server.js';
export { TaskWorkerModule, type TaskWorkerModuleOptions } from './worker/task-worker.module.js';
