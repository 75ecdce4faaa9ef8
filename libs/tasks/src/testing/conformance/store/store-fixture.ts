import type { EntityManager } from 'typeorm';
import type { OutboxEntity } from '../../../store/entities/outbox.entity.js';
import type { TaskAttemptEntity } from '../../../store/entities/task-attempt.entity.js';
import type { TaskEntity } from '../../../store/entities/task.entity.js';
import type { StoredStanding } from '../../../store/standings.js';
import type { NewTask, TaskStore, WorkerStore, WorkerStoreOptions } from '../../../store/task-store.js';
import { newTask, request, worker } from './builders.js';

/** A store to be tried, and what it keeps. */
export interface TaskStoreUnderTest {
  /** Empty. */
  store: TaskStore;
  task(id: string): Promise<Readonly<TaskEntity> | undefined>;
  /** The runs of a task that are noted, in their order. */
  attempts(taskId: string): Promise<Array<Readonly<TaskAttemptEntity>>>;
  /** The messages that are still to be published. */
  messages(): Promise<Array<Readonly<OutboxEntity>>>;
  /** Runs the work in a transaction that the store can take part in; it is rolled back when the work throws. */
  transaction(work: (manager: EntityManager) => Promise<void>): Promise<void>;
  /** Moves the store's clock on, or all that it keeps back in time. */
  pass(seconds: number): Promise<void>;
  /** Called when the store and its workers have been closed. */
  close?(): Promise<void>;
}

/** What each test of a store begins with: an empty store, and two workers that live. */
export class StoreFixture {
  /** Long enough for all the time that tests let pass. */
  static readonly LEASE_MS = 100 * 86_400_000;
  under!: TaskStoreUnderTest;
  ann!: WorkerStore;
  bob!: WorkerStore;
  private workers: WorkerStore[] = [];

  constructor(private readonly make: () => Promise<TaskStoreUnderTest>) {}

  async open(): Promise<void> {
    this.under = await this.make();
    this.ann = await this.hire('ann');
    this.bob = await this.hire('bob');
  }

  async close(): Promise<void> {
    await Promise.all([this.outbox, ...this.workers.splice(0)].map((store) => store.close()));
    await this.under.close?.();
  }

  get outbox(): TaskStore['outbox'] {
    return this.under.store.outbox;
  }

  /** One more worker, named `<name>@test`, whose lease lives. */
  async hire(name: string, options?: WorkerStoreOptions): Promise<WorkerStore> {
    const store = this.under.store.forWorker(worker(name), options);
    this.workers.push(store);
    await store.renewLease(StoreFixture.LEASE_MS);
    return store;
  }

  /** Sends a task. @returns its id */
  async send(change: Partial<NewTask> = {}): Promise<string> {
    const task = newTask(change);
    await this.outbox.enqueueOne(task);
    return task.id;
  }

  /** Sends tasks one after the other, so that it is known which came first. @returns their ids */
  async sendInOrder(count: number, queue = 'mail'): Promise<string[]> {
    const ids: string[] = [];
    for (let sent = 0; sent < count; sent += 1) ids.push(await this.send({ queue, leaseMs: 60_000 }));
    return ids;
  }

  /** Sends a task whose message counts as published. @returns its id */
  async published(change: Partial<NewTask> = {}): Promise<string> {
    const task = newTask(change);
    await this.outbox.enqueueOne(task);
    await this.outbox.published(task.outboxId);
    return task.id;
  }

  /** Sends a task whose message counts as published, and has ann claim it. @returns its id */
  async claimed(): Promise<string> {
    const id = await this.published();
    await this.ann.claim([request(id)]);
    return id;
  }

  /** How these tasks stand. */
  async standings(ids: string[]): Promise<StoredStanding[]> {
    return (await this.outbox.standings(ids)).tasks;
  }

  /** The ids of the tasks that have a message to be published. */
  async waitingIds(): Promise<Array<string | null>> {
    return (await this.under.messages()).map(({ taskId }) => taskId);
  }

  async dueIds(): Promise<Array<string | null>> {
    return (await this.outbox.takeDue(100, 60_000)).map(({ taskId }) => taskId);
  }
}
