import type { DataSource } from 'typeorm';
import type { TaskStore, WorkerIdentity, WorkerStoreOptions } from '../task-store.js';
import { PostgresInspectStore } from './postgres-inspect-store.js';
import { PostgresOutboxStore } from './postgres-outbox-store.js';
import { PostgresWorkerStore } from './postgres-worker-store.js';

/** Tasks in Postgres. */
export class PostgresTaskStore implements TaskStore {
  readonly outbox: PostgresOutboxStore;
  readonly inspect: PostgresInspectStore;

  /** @param dataSource - with `taskEntities` and `taskMigrations` */
  constructor(private readonly dataSource: DataSource) {
    this.inspect = new PostgresInspectStore(dataSource);
    this.outbox = new PostgresOutboxStore(dataSource);
  }

  forWorker(worker: WorkerIdentity, options?: WorkerStoreOptions): PostgresWorkerStore {
    return new PostgresWorkerStore(this.dataSource, worker, options);
  }
}
