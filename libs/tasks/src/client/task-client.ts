import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkInput } from '../contract/check-input.js';
import type { TaskContract } from '../contract/define-task.js';
import type { OutboxPublisher } from '../outbox/outbox-publisher.js';
import type { NewTask, OutboxStore } from '../store/task-store.js';
import { AfterCommit } from './after-commit.js';
import { newTask } from './new-task.js';

/** How long the process that wrote a message has for publishing it, before a relay does. */
const EAGER_LEASE_MS = 10_000;

/** A task that was sent. */
export interface TaskReference {
  /** UUIDv7, unless the caller chose another id. */
  readonly id: string;
}

/** One call among several. */
export interface TaskCall<Input> {
  input: Input;
  /** The task's id. A task that has it already is left alone. @defaultValue a new UUIDv7 */
  taskId?: string;
}

/** Sends tasks. What it returns is written down in Postgres; the broker gets it as soon as it can take it. */
export class TaskClient {
  private readonly afterCommit: AfterCommit;

  constructor(
    dataSource: DataSource,
    private readonly store: OutboxStore,
    private readonly publisher: OutboxPublisher,
  ) {
    this.afterCommit = new AfterCommit(dataSource);
  }

  /**
   * Sends a task to be run as soon as possible. Resolves when it has been committed to Postgres, whether or not the
   * broker can be reached.
   *
   * @throws {@link InvalidTaskInputError} when the input does not fit the contract
   */
  async delay<Input extends object>(contract: TaskContract<Input>, input: Input): Promise<TaskReference> {
    const task = await this.prepare(contract, { input });
    if (await this.store.enqueueOne(task)) this.publish(task);
    return { id: task.id };
  }

  /**
   * Sends tasks in the caller's own transaction: they exist if that commits, and not otherwise. Nothing is published
   * before.
   */
  within(manager: EntityManager): TransactionalTaskClient {
    return {
      enqueueMany: async (contract, calls) => {
        const tasks = await Promise.all(calls.map((call) => this.prepare(contract, call)));
        const stored = await this.store.enqueue(tasks, manager);
        // enqueue() has refused a manager without a transaction.
        if (manager.queryRunner !== undefined) {
          const fresh = tasks.filter(({ id }) => stored.has(id));
          this.afterCommit.register(manager.queryRunner, () => fresh.forEach((task) => this.publish(task)));
        }
        return tasks.map(({ id }) => ({ id }));
      },
    };
  }

  /**
   * Revokes a task that waits: it will not be run any more.
   *
   * @returns false when it does not wait: it is being run, has ended, or is not known
   */
  async revoke(taskId: string): Promise<boolean> {
    return (await this.store.revoke([taskId])).has(taskId);
  }

  /** Has those tasks of a contract, or so many of them, run now that a handler has put off. */
  wakeSnoozed(contract: Pick<TaskContract, 'name'>, limit?: number): Promise<void> {
    return this.store.wake([contract.name], 'snoozed', limit);
  }

  private async prepare<Input extends object>(
    contract: TaskContract<Input>,
    { input, taskId }: TaskCall<Input>,
  ): Promise<NewTask> {
    const checked = await checkInput(contract, input);
    // With nobody there to publish it now, the relay may take it at once.
    return newTask(contract, taskId ?? uuidv7(), checked, this.publisher.ready ? EAGER_LEASE_MS : 0);
  }

  private publish({ id, outboxId, message, dueInMs }: NewTask): void {
    if (dueInMs > 0) void this.publisher.publish({ ...message, outboxId, taskId: id, generation: 0 });
  }
}

/** A {@link TaskClient} in a transaction. */
export interface TransactionalTaskClient {
  /**
   * Sends many tasks of one contract in a few statements.
   *
   * @returns one reference for each call, in their order
   * @throws {@link InvalidTaskInputError} when an input does not fit the contract; none is sent then
   */
  enqueueMany<Input extends object>(
    contract: TaskContract<Input>,
    calls: ReadonlyArray<TaskCall<Input>>,
  ): Promise<TaskReference[]>;
}
