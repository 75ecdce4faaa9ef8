import type { EntityManager } from 'typeorm';
import type { OutboxEntity } from '../../store/entities/outbox.entity.js';
import type { TaskAttemptEntity } from '../../store/entities/task-attempt.entity.js';
import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { Settlement, TaskStore, WorkerIdentity, WorkerStoreOptions } from '../../store/task-store.js';
import { MemoryInspectStore } from './memory-inspect-store.js';
import { MemoryOutboxStore } from './memory-outbox-store.js';
import { MemoryRows } from './memory-rows.js';
import { MemoryTransaction } from './memory-transaction.js';
import { MemoryWorkerStore } from './memory-worker-store.js';

/** What a {@link MemoryTaskStore} is told to do besides. */
export interface MemoryTaskStoreOptions {
  /** Milliseconds since 1970; what Postgres's clock is in production. @defaultValue Date.now */
  now?: () => number;
  /** Awaited after tasks have been written, before who sent them goes on. */
  onEnqueued?: () => Promise<void>;
  /** Told of each run that has ended, and of the row that it leaves. */
  onSettled?: (settlement: Settlement, task: Readonly<TaskEntity>) => void;
}

/**
 * Tasks in memory, for tests: the rows that Postgres would have, and the same answers. The fence, leases, attempts,
 * retries and hand-backs are as in production; what is missing is what two processes do to each other, and that rows
 * outlive the process.
 */
export class MemoryTaskStore implements TaskStore {
  readonly outbox: MemoryOutboxStore;
  readonly inspect: MemoryInspectStore;
  private readonly rows: MemoryRows;

  constructor(private readonly options: MemoryTaskStoreOptions = {}) {
    this.rows = new MemoryRows(options.now ?? Date.now);
    this.inspect = new MemoryInspectStore(this.rows);
    this.outbox = new MemoryOutboxStore(this.rows, () => this.enqueued());
  }

  forWorker(worker: WorkerIdentity, options: WorkerStoreOptions = {}): MemoryWorkerStore {
    return new MemoryWorkerStore(this.rows, worker, {
      maxDeaths: options.maxDeaths ?? 3,
      onOutbox: () => options.onOutbox?.(),
      onSettled: (settlement, task) => this.options.onSettled?.(settlement, task),
    });
  }

  /**
   * What `DataSource.transaction` is to Postgres: tasks that are sent within the manager exist once the work has
   * resolved, and never if it throws. The manager can do nothing else. Tasks that are sent within the transaction of a
   * real database exist once that has committed.
   */
  async transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    const transaction = new MemoryTransaction();
    const result = await work(transaction.asManager());
    transaction.commit();
    await this.enqueued();
    return result;
  }

  /** Has the workers that live do so for longer: for a clock that leaps over the times at which they renew leases. */
  prolongLeases(byMs: number): void {
    const nowMs = this.rows.now();
    for (const worker of this.rows.workers.values()) {
      const untilMs = worker.leaseUntil.getTime();
      if (untilMs > nowMs) worker.leaseUntil = new Date(untilMs + byMs);
    }
  }

  /** All tasks, in the order in which they were sent. */
  tasks(): Array<Readonly<TaskEntity>> {
    return [...this.rows.tasks.values()].map(copy);
  }

  task(id: string): Readonly<TaskEntity> | undefined {
    const task = this.rows.tasks.get(id);
    return task && copy(task);
  }

  /** The runs of a task that are noted, in their order. */
  attempts(taskId: string): Array<Readonly<TaskAttemptEntity>> {
    return this.rows.attemptsOf(taskId).map(copy);
  }

  /** The messages that are still to be published. */
  messages(): Array<Readonly<OutboxEntity>> {
    return [...this.rows.outbox.values()].map(copy);
  }

  private async enqueued(): Promise<void> {
    await this.options.onEnqueued?.();
  }
}

/** What a row says stays as it was when it was looked at. */
function copy<Row extends object>(row: Row): Row {
  return Object.assign({}, row);
}
