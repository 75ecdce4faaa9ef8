// Tasks: what sender and worker share
export {
  defineTask,
  type InputSchema,
  type OutputSchema,
  type TaskContract,
  type TaskDefinition,
} from './contract/define-task.js';
export {
  defineBroadcast,
  isBroadcast,
  type BroadcastContract,
  type SingleContract,
} from './contract/define-broadcast.js';
export { bindArgs } from './contract/bind-args.js';
export { checkInput } from './contract/check-input.js';
export { shownArguments } from './contract/secrets.js';
export type { TaskAnnotations } from './contract/annotations.js';
export type { ErrorClass, ErrorRules } from './contract/error-rules.js';
export { InvalidTaskInputError } from './contract/invalid-task-input.error.js';
export { InvalidTaskOptionError } from './contract/invalid-task-option.error.js';
export type { SchemaIssue } from './contract/schema-issue.js';
export { DEFAULT_TASK_OPTIONS, type RetryPolicy, type TaskOptions } from './contract/task-options.js';
export type { EndState, TaskState } from './contract/task-state.js';

// The modules
export { TasksModule } from './tasks.module.js';
export { BROKER, TASK_STORE, TASKS_OPTIONS, type TasksModuleOptions } from './tasks.module-definition.js';
export { TaskWorkerModule, type TaskWorkerModuleOptions } from './worker/task-worker.module.js';
export { TaskServer } from './worker/task-server.js';

// Calling
export type { BroadcastOptions } from './client/broadcast-letter.js';
export { BroadcastResult } from './client/broadcast-result.js';
export type { CallOptions } from './contract/call-options.js';
export { InvalidCallOptionError } from './client/invalid-call-option.error.js';
export { InvalidMessageError, type OutgoingMessage } from './client/outgoing-message.js';
export { TaskClient } from './client/task-client.js';
export type { ForeignTaskCall, SendTaskOptions, TaskCall } from './client/task-client-options.js';
export type { TransactionalTaskClient } from './client/transactional-task-client.js';

// Why a task does not start, and what it is doing
export { explanationText } from './client/explain/explanation-text.js';
export type {
  EndedReason,
  ExplainedTask,
  RunningReason,
  TaskExplanation,
  WaitingReason,
  WaitsForTime,
  WaitsInOutbox,
} from './client/explain/task-explanation.js';
export type { LivingWorker } from './store/standings.js';

// Dead letters
export { DeadLetter } from './client/dead-letters/dead-letter.js';
export {
  DeadLetterQueues,
  type DiscardOutcome,
  type LetterProgress,
  type SendBackOutcome,
} from './client/dead-letters/dead-letter-queues.js';
export type { DeadLetterOrigin } from './client/dead-letters/death.js';
export type { HandledLetter, LetterChoice } from './client/dead-letters/letter-rounds.js';
export type { DeadLetterBody } from './client/dead-letters/shown-message.js';
export { UnknownQueueError } from './client/dead-letters/unknown-queue.error.js';

// Where tasks go
export { InvalidTaskRouteError } from './routes/invalid-task-route.error.js';
export type { RouteFunction, RouteMap, RoutePair, TaskRoute, TaskRoutes } from './routes/task-routes.js';
export { TaskRouter, type Destination, type TaskRouterOptions } from './routes/task-router.js';

// Publish and subscribe
export { UnexpectedMessageError, type ReceivedMessage } from './subscriptions/received-message.js';
export type { SubscriptionOptions } from './subscriptions/subscription.js';
export { Subscriptions } from './subscriptions/subscriptions.js';

// Results
export { AsyncResult, type RevokeOptions } from './client/async-result.js';
export {
  ResultRevokedError,
  ResultsClosedError,
  ResultTimeoutError,
  TaskFailedError,
  UnknownTaskError,
} from './client/result-errors.js';
export type { StoredAttempt, StoredResult } from './store/result-store.js';
export type { RevokeOutcome } from './store/revokes.js';
export type { AttemptOutcome, LogLevel, LogLine, TaskError, TaskProgress } from './store/run-reports.js';

// Looking at tasks and workers
export type {
  InspectStore,
  WorkerStatus,
  RunningTask,
  TaskFilter,
  TaskPage,
  TaskSummary,
} from './store/inspect-store.js';
export { InvalidTaskPlaceError } from './store/task-place.js';

// Handling
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
export { handledContracts } from './worker/handlers/handled-contracts.js';
export { KnownContracts } from './worker/handlers/known-contracts.js';
export { markedMethods, type MarkedMethod } from './worker/handlers/marked-methods.js';
export { OnTaskEnd } from './worker/handlers/on-task-end.decorator.js';
export { handledContract, TaskHandler } from './worker/handlers/task-handler.decorator.js';
export { TaskHook, type TaskHookArguments, type TaskHookName } from './worker/handlers/task-hook.decorator.js';
export type { TaskLog } from './worker/task-log.js';
export type { ThreadTaskContext } from './worker/threads/thread-context.js';
export { threadHandler, type ThreadTask } from './worker/threads/thread-handler.js';
export type { TaskEnd } from './store/task-end.js';
export type { SettlementWriter } from './store/task-store.js';

// The broker, and what its queues are called
export { BrokerAwayError } from './broker/broker-away.error.js';
export type {
  Broker,
  Browser,
  BrowseOptions,
  ConsumeOptions,
  Consumer,
  Delivery,
  Publication,
  Publisher,
  PublishOutcome,
  QueueInfo,
} from './broker/broker.js';
export { MemoryBroker } from './broker/memory/memory-broker.js';
export { RabbitMqBroker, type RabbitMqBrokerOptions } from './broker/rabbitmq/rabbitmq-broker.js';
export { broadcastExchange } from './broker/broadcast-topology.js';
export type { DeclaredQueue, TaskQueue } from './broker/task-queue.js';
export { InvalidTopologyError } from './broker/invalid-topology.error.js';
export { routeMessage } from './broker/routing.js';
export { subscriptionTopology, type SubscriptionDeclaration } from './broker/subscription-topology.js';
export {
  DEAD_LETTER_EXCHANGE,
  deadLetterQueue,
  mergeTopologies,
  RESULTS_QUEUE,
  taskTopology,
  type BindingDeclaration,
  type ExchangeDeclaration,
  type ExchangeType,
  type QueueDeclaration,
  type QueueType,
  type Topology,
} from './broker/topology.js';

// Postgres, and the rows to query
export { OutboxEntity } from './store/entities/outbox.entity.js';
export { TaskAttemptEntity } from './store/entities/task-attempt.entity.js';
export { TaskEntity } from './store/entities/task.entity.js';
export { assertMigrated, migrate, SchemaOutdatedError } from './store/migrate.js';
export { NaturalBatch, type NaturalBatchOptions } from './store/natural-batch.js';
export { bringBackAll } from './store/postgres/bring-back-all.js';
export { impatientPostgres } from './store/postgres/impatient-client.js';
export { PostgresTaskStore } from './store/postgres/postgres-task-store.js';
export { taskEntities, taskMigrations } from './store/schema.js';
export { classifyStoreError, isStoreAway, type StoreErrorKind } from './store/store-errors.js';
export { Loop } from './timers/loop.js';
export type { TaskStore, WaitReason, WorkerIdentity } from './store/task-store.js';
