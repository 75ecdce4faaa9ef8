import * as jest from '@jest/globals';
import { describeTaskStore } from '../conformance/store/describe-task-store.js';
import { MemoryTaskStore } from './memory-task-store.js';

describeTaskStore(
  'MemoryTaskStore',
  async () => {
    let nowMs = Date.now();
    // No two statements of Postgres see the same time.
    const store = new MemoryTaskStore({ now: () => (nowMs += 1) });
    return {
      store,
      task: async (id) => store.task(id),
      attempts: async (taskId) => store.attempts(taskId),
      messages: async () => store.messages(),
      transaction: (work) => store.transaction(work),
      pass: async (seconds) => void (nowMs += seconds * 1000),
    };
  },
  jest,
);
