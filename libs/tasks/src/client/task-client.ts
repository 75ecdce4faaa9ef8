import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { annotated, type TaskAnnotations } from '../contract/annotations.js';
import { checkInput } from '../contract/check-input.js';
import type { TaskContract } from '../contract/define-task.js';
import { InvalidTaskOptionError } from '../contract/invalid-task-option.error.js';
import { EXPECTED_RATE, isRate } from '../contract/rate-limit.js';
import type { OutboxPublisher } from '../outbox/outbox-publisher.js';
import type { NewTask, OutboxStore } from '../store/task-store.js';
import type { RevokeOutcome } from '../store/revokes.js';
import { assertCallOptions, type CallOptions } from './call-options.js';
import { newTask } from './new-task.js';

/** How long the process that wrote a message has for publishing it, before a relay does. */
const EAGER_LEASE_MS = 10_000;
/** Of many tasks in one call the writer publishes so many itself; the relays take their share of the rest. */
const MOST_EAGER = 1000;

/** A task that was sent. */
export interface TaskReference {
  /** UUIDv7, unless the caller chose another id. */
  readonly id: string;
}

/** One call among several, with its own options. */
export interface TaskCall<Input> extends CallOptions {
  input: Input;
}

export interface RevokeOptions {
  /** End a run at once, instead of leaving it to the run. @defaultValue false */
  terminate?: boolean;
}

/** Sends tasks. What it returns is written down in Postgres; the broker gets it as soon as it can take it. */
export class TaskClient {
  constructor(
    private readonly store: OutboxStore,
    private readonly publisher: OutboxPublisher,
    private readonly annotations: TaskAnnotations = {},
  ) {}

  /**
   * Sends a task to be run as soon as possible. Resolves when it has been committed to Postgres, whether or not the
   * broker can be reached.
   *
   * @throws {@link InvalidTaskInputError} when the input does not fit the contract
   */
  delay<Input extends object>(contract: TaskContract<Input>, input: Input): Promise<TaskReference> {
    return this.applyAsync(contract, input);
  }

  /**
   * Sends a task, as the options say. Resolves when it has been committed to Postgres, whether or not the broker can be
   * reached.
   *
   * @throws {@link InvalidTaskInputError} when the input does not fit the contract
   * @throws {@link InvalidCallOptionError} when an option makes no sense
   */
  async applyAsync<Input extends object>(
    contract: TaskContract<Input>,
    input: Input,
    options: CallOptions = {},
  ): Promise<TaskReference> {
    const task = await this.prepare(contract, { ...options, input }, true);
    if (await this.store.enqueueOne(task)) this.publish(task);
    return { id: task.id };
  }

  /**
   * Sends many tasks of one contract in a few statements: all of them, or none.
   *
   * @returns one reference for each call, in their order
   * @throws {@link InvalidTaskInputError}, {@link InvalidCallOptionError} when one of them cannot be sent
   */
  async enqueueMany<Input extends object>(
    contract: TaskContract<Input>,
    calls: ReadonlyArray<TaskCall<Input>>,
  ): Promise<TaskReference[]> {
    const tasks = await this.prepareMany(contract, calls);
    this.publishNew(tasks, await this.store.enqueueMany(tasks));
    return tasks.map(({ id }) => ({ id }));
  }

  /**
   * Sends tasks in the caller's own transaction: they exist if that commits, and not otherwise. Nothing is published
   * before.
   */
  within(manager: EntityManager): TransactionalTaskClient {
    const enqueueMany: TransactionalTaskClient['enqueueMany'] = async (contract, calls) => {
      const tasks = await this.prepareMany(contract, calls);
      const stored = await this.store.enqueue(tasks, manager);
      this.store.afterCommit(manager, () => this.publishNew(tasks, stored));
      return tasks.map(({ id }) => ({ id }));
    };
    return {
      enqueueMany,
      applyAsync: async (contract, input, options = {}) => {
        const [reference] = await enqueueMany(contract, [{ ...options, input }]);
        return reference as TaskReference;
      },
    };
  }

  /**
   * Revokes tasks, those that come later too: a task that waits ends as REVOKED at once, an id that nobody has seen
   * yet will not be run when it comes. A run is told by its signal ({@link TaskRevokedError}) and decides itself: if it
   * throws then, the task is REVOKED, if it returns, SUCCESS. With `terminate` it is ended as REVOKED whatever it does,
   * unless it has passed its point of no return.
   *
   * @returns what became of it; of several, by their ids
   */
  revoke(taskId: string, options?: RevokeOptions): Promise<RevokeOutcome>;
  revoke(taskIds: readonly string[], options?: RevokeOptions): Promise<Map<string, RevokeOutcome>>;
  async revoke(
    taskIds: string | readonly string[],
    { terminate = false }: RevokeOptions = {},
  ): Promise<RevokeOutcome | Map<string, RevokeOutcome>> {
    if (typeof taskIds !== 'string') return this.store.revoke(taskIds, { terminate });
    return (await this.store.revoke([taskIds], { terminate })).get(taskIds) as RevokeOutcome;
  }

  /**
   * Revokes a task only if it waits; otherwise nothing happens.
   *
   * @returns false when it does not wait: it is being run, has ended, or is not known
   */
  async revokeWaiting(taskId: string): Promise<boolean> {
    return (await this.store.revoke([taskId], null)).get(taskId) === 'revoked';
  }

  /**
   * Sets how many of a task may start in a time, over all workers, those that start later too. It counts more than the
   * contract and its annotations. Tasks that wait for their slots follow a higher rate; a slot that a task has stays its
   * own when the rate is lowered.
   *
   * @param rate - such as `10/s`, `100/m`, `1000/h`; null: no limit
   * @throws {@link InvalidTaskOptionError} when it is no rate
   */
  async setRateLimit(task: Pick<TaskContract, 'name'> | string, rate: string | null): Promise<void> {
    const name = typeof task === 'string' ? task : task.name;
    if (rate !== null && !isRate(rate)) throw new InvalidTaskOptionError(name, 'rateLimit', rate, EXPECTED_RATE);
    await this.store.setRateLimit(name, rate);
  }

  /** Has those tasks of a contract, or so many of them, run now that a handler has put off. */
  wakeSnoozed(contract: Pick<TaskContract, 'name'>, limit?: number): Promise<void> {
    return this.store.wake([contract.name], 'snoozed', limit);
  }

  private prepareMany<Input extends object>(
    contract: TaskContract<Input>,
    calls: ReadonlyArray<TaskCall<Input>>,
  ): Promise<NewTask[]> {
    return Promise.all(calls.map((call, index) => this.prepare(contract, call, index < MOST_EAGER)));
  }

  private async prepare<Input extends object>(
    contract: TaskContract<Input>,
    { input, ...options }: TaskCall<Input>,
    isEager: boolean,
  ): Promise<NewTask> {
    assertCallOptions(contract.name, options);
    const checked = await checkInput(contract, input);
    // With nobody there to publish it now, the relay may take it at once.
    const leaseMs = isEager && this.publisher.ready ? EAGER_LEASE_MS : 0;
    const sent = annotated(contract, this.annotations);
    return newTask(sent, options.taskId ?? uuidv7(), checked, leaseMs, options);
  }

  private publishNew(tasks: readonly NewTask[], stored: ReadonlySet<string>): void {
    for (const task of tasks) if (stored.has(task.id)) this.publish(task);
  }

  /** What may run at once; the rest is the relay's, when its time has come on Postgres's clock. */
  private publish({ id, outboxId, message, eta, countdownMs, leaseMs }: NewTask): void {
    if (leaseMs === 0 || eta !== null || countdownMs !== null) return;
    void this.publisher.publish({ ...message, outboxId, taskId: id, generation: 0 });
  }
}

/** A {@link TaskClient} in a transaction. */
export interface TransactionalTaskClient {
  /** As {@link TaskClient.applyAsync}. */
  applyAsync<Input extends object>(
    contract: TaskContract<Input>,
    input: Input,
    options?: CallOptions,
  ): Promise<TaskReference>;
  /** As {@link TaskClient.enqueueMany}. */
  enqueueMany<Input extends object>(
    contract: TaskContract<Input>,
    calls: ReadonlyArray<TaskCall<Input>>,
  ): Promise<TaskReference[]>;
}
