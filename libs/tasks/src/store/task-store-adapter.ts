import type { ResultStore } from './result-store.js';
import type { OutboxStore, WorkerIdentity, WorkerStore } from './task-store.js';

export interface WorkerStoreOptions {
  /** After how many dead workers a task is given up. @defaultValue 3 */
  maxDeaths?: number;
  /** Told of each failed write that is tried again. */
  onError?(error: unknown): void;
  /** Told when messages were written that are due at once. */
  onOutbox?(): void;
}

/** Where tasks are remembered. */
export interface TaskStore {
  readonly outbox: OutboxStore & ResultStore;
  /** What this worker needs of it, which the worker closes. */
  forWorker(worker: WorkerIdentity, options?: WorkerStoreOptions): WorkerStore;
}
