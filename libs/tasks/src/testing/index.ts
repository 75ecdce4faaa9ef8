export { describeBroker } from './conformance/broker/describe-broker.js';
export { describeTaskStore } from './conformance/store/describe-task-store.js';
export type { TaskStoreUnderTest } from './conformance/store/store-fixture.js';
export type { TestFramework } from './conformance/test-framework.js';
export { MemoryTaskStore, type MemoryTaskStoreOptions } from './memory-store/memory-task-store.js';
