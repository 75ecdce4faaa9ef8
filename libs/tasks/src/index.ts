export { annotated, type TaskAnnotations } from './contract/annotations.js';
export {
  defineTask,
  type InputSchema,
  type OutputSchema,
  type TaskContract,
  type TaskDefinition,
} from './contract/define-task.js';
export type { ErrorClass, ErrorRules } from './contract/error-rules.js';
export { DEFAULT_TASK_OPTIONS, type RetryPolicy, type TaskOptions } from './contract/task-options.js';
export { InvalidTaskInputError, type InputIssue } from './contract/invalid-task-input.error.js';
export { InvalidTaskOptionError } from './contract/invalid-task-option.error.js';
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
export {
  DEAD_LETTER_EXCHANGE,
  deadLetterQueue,
  RESULTS_QUEUE,
  taskTopology,
  type Topology,
} from './broker/topology.js';
export { AsyncResult, type RevokeOptions } from './client/async-result.js';
export { InvalidCallOptionError, type CallOptions } from './client/call-options.js';
export {
  ResultRevokedError,
  ResultsClosedError,
  ResultTimeoutError,
  TaskFailedError,
  UnknownTaskError,
} from './client/result-errors.js';
export { TaskClient, type SendTaskOptions, type TaskCall, type TransactionalTaskClient } from './client/task-client.js';
export { TaskWaits, type TaskWait } from './client/task-waits.js';
export { Reconciler } from './upkeep/reconciler.js';
export { OutboxEntity } from './store/entities/outbox.entity.js';
export { RateBucketEntity } from './store/entities/rate-bucket.entity.js';
export { RateLimitEntity } from './store/entities/rate-limit.entity.js';
export { RevokedTaskEntity } from './store/entities/revoked-task.entity.js';
export { TaskAttemptEntity } from './store/entities/task-attempt.entity.js';
export { TaskEntity } from './store/entities/task.entity.js';
export { UniqueTaskEntity } from './store/entities/unique-task.entity.js';
export { WorkerEntity } from './store/entities/worker.entity.js';
export { NaturalBatch, type NaturalBatchOptions } from './store/natural-batch.js';
export { impatientPostgres } from './store/postgres/impatient-client.js';
export { bringBackAll } from './store/postgres/bring-back-all.js';
export { assertMigrated, migrate, SchemaOutdatedError } from './store/migrate.js';
export type { RevokeOutcome } from './store/revokes.js';
export { taskEntities, taskMigrations } from './store/schema.js';
export { isStoreAway } from './store/store-errors.js';
export { PostgresTaskStore } from './store/postgres/postgres-task-store.js';
export type { StoredAttempt } from './store/result-store.js';
export type {
  AttemptOutcome,
  EndState,
  LogLevel,
  LogLine,
  OutboxStore,
  SettlementWriter,
  TaskError,
  TaskProgress,
  TaskState,
  WaitReason,
  WorkerStore,
} from './store/task-store.js';
export type { TaskStore, WorkerStoreOptions } from './store/task-store-adapter.js';
export { TasksModule } from './tasks.module.js';
export { TASK_STORE, type TasksModuleOptions } from './tasks.module-definition.js';
export type { FailureOutcome, RetryOutcome, SuccessOutcome } from './worker/outcome.js';
export { TaskContext, type RetryOptions } from './worker/task-context.js';
export {
  ClaimLostError,
  IgnoreTaskError,
  InvalidTaskOutputError,
  MaxRetriesExceededError,
  PermanentTaskError,
  RejectTaskError,
  RetryRequestedError,
  RetryTaskError,
  SnoozeTaskError,
  SoftTimeLimitExceeded,
  TaskRevokedError,
  TaskWiringError,
  ThreadLostError,
  TimeLimitExceeded,
  WorkerStoppedError,
} from './worker/task-errors.js';
export { TaskFacts, type DeliveryInfo } from './worker/task-facts.js';
export { TaskHook, type TaskHookArguments, type TaskHookName } from './worker/task-hook.decorator.js';
export { TaskHandler } from './worker/task-handler.decorator.js';
export type { TaskLog } from './worker/task-log.js';
export { TaskServer } from './worker/task-server.js';
export type { ThreadTaskContext } from './worker/threads/thread-context.js';
export { threadHandler, type ThreadTask } from './worker/threads/thread-handler.js';
export { TaskWorkerModule, type TaskWorkerModuleOptions } from './worker/task-worker.module.js';
