export { describeBroker } from './conformance/broker/describe-broker.js';
export type { RoutingExampleMessage, RoutingExample } from './conformance/broker/routing-example.js';
export { routingExamples } from './conformance/broker/routing-examples.js';
export { describeTaskStore } from './conformance/store/describe-task-store.js';
export type { TaskStoreUnderTest } from './conformance/store/store-fixture.js';
export type { TestFramework } from './conformance/test-framework.js';
export { MemoryTaskStore, type MemoryTaskStoreOptions } from './memory-store/memory-task-store.js';
export { NotEnqueuedError, type ExpectedOptions, type Part } from './kit/assert-enqueued.js';
export type { EndedRun } from './kit/ended-run.js';
export type { EnqueuedTask } from './kit/enqueued-task.js';
export {
  TaskTestKit,
  type AppUnderTest,
  type HandlersUnderTest,
  type TaskTestKitOptions,
} from './kit/task-test-kit.js';
