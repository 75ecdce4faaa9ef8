import * as jest from '@jest/globals';
import { describeTaskStore } from '../conformance/store/describe-task-store.js';
import { MemoryTaskStore } from './memory-task-store.js';

/** No two statements of Postgres see the same time. */
function ticking(): () => number {
  let nowMs = Date.now();
  return () => (nowMs += 1);
}

describeTaskStore(
  'MemoryTaskStore',
  async () => {
    const store = new MemoryTaskStore({ now: ticking() });
    return {
      store,
      task: async (id) => store.task(id),
      attempts: async (taskId) => store.attempts(taskId),
      messages: async () => store.messages(),
      transaction: (work) => store.transaction(work),
    };
  },
  jest,
);
