import type { EntityManager } from 'typeorm';
import type { CallOptions } from '../contract/call-options.js';
import type { BroadcastContract, SingleContract } from '../contract/define-broadcast.js';
import type { TaskContract } from '../contract/define-task.js';
import { InvalidTaskOptionError } from '../contract/invalid-task-option.error.js';
import { EXPECTED_RATE, isRate } from '../contract/rate-limit.js';
import type { OutboxPublisher } from '../outbox/outbox-publisher.js';
import { TaskRouter } from '../routes/task-router.js';
import type { ResultStore } from '../store/result-store.js';
import type { RevokeOutcome } from '../store/revokes.js';
import type { Enqueued, NewTask, OutboxStore } from '../store/task-store.js';
import { AsyncResult, type ResultSource, type RevokeOptions } from './async-result.js';
import type { BroadcastOptions } from './broadcast-letter.js';
import type { BroadcastResult } from './broadcast-result.js';
import { Broadcaster } from './broadcaster.js';
import type { TaskExplainer } from './explain/task-explainer.js';
import type { TaskExplanation } from './explain/task-explanation.js';
import { letterOf } from './outgoing-message.js';
import { UnknownTaskError } from './result-errors.js';
import { ResultWatch } from './result-watch.js';
import { TaskCalls } from './task-calls.js';
import type { SendTaskOptions, TaskCall, TaskClientOptions } from './task-client-options.js';
import type { TransactionalTaskClient } from './transactional-task-client.js';

/** Sends tasks. What it returns is written down in Postgres; the broker gets it as soon as it can take it. */
export class TaskClient {
  private readonly watch: ResultWatch;
  private readonly source: ResultSource;
  private readonly broadcaster: Broadcaster;
  private readonly calls: TaskCalls;

  constructor(
    private readonly store: OutboxStore & ResultStore,
    publisher: OutboxPublisher,
    private readonly explainer: TaskExplainer,
    private readonly options: TaskClientOptions = {},
  ) {
    const { annotations = {}, router = new TaskRouter() } = options;
    this.calls = new TaskCalls(publisher, annotations, router);
    this.watch = new ResultWatch(store);
    this.source = {
      find: async (taskId) => (await store.results([taskId]))[0],
      attempts: (taskId) => store.attempts(taskId),
      ended: (taskId, timeoutMs) => this.watch.ended(taskId, timeoutMs),
      forget: (taskId) => store.forget(taskId),
      revoke: (taskId, revokeOptions) => this.revoke(taskId, revokeOptions),
    };
    this.broadcaster = new Broadcaster(store, this.source, options);
  }

  /**
   * Sends a task to be run as soon as possible. Resolves when it has been committed to Postgres, whether or not the
   * broker can be reached.
   *
   * @throws {@link InvalidTaskInputError} when the input does not fit the contract
   */
  delay<Input extends object, Output>(
    contract: SingleContract<Input, Output>,
    input: NoInfer<Input>,
  ): Promise<AsyncResult<Output>> {
    return this.applyAsync(contract, input);
  }

  /**
   * Sends a task, as the options say. Resolves when it has been committed to Postgres, whether or not the broker can be
   * reached.
   *
   * @throws {@link InvalidTaskInputError} when the input does not fit the contract
   * @throws {@link InvalidCallOptionError} when an option makes no sense
   */
  async applyAsync<Input extends object, Output>(
    contract: SingleContract<Input, Output>,
    input: NoInfer<Input>,
    options?: CallOptions,
  ): Promise<AsyncResult<Output>> {
    return this.send(await this.calls.one(contract, { ...options, input }));
  }

  /**
   * Sends a task whose code is elsewhere, in a Python worker for example, as {@link TaskClient.applyAsync} does one of
   * ours; by default to Celery's queue `celery`. Their queue is not declared: while there is none, the message waits.
   * What becomes of the task comes back to us, if its worker sends results (Python: `result_backend='rpc://'`).
   *
   * @param name - that it is registered under there
   * @throws {@link InvalidCallOptionError} when an option makes no sense
   */
  async sendTask(
    name: string,
    args?: unknown[],
    kwargs?: Record<string, unknown>,
    options?: SendTaskOptions,
  ): Promise<AsyncResult> {
    return this.send(this.calls.foreign(name, args, kwargs, options));
  }

  /**
   * Sends many tasks of one contract in a few statements: all of them, or none.
   *
   * @returns one result for each call, in their order
   * @throws {@link InvalidTaskInputError}, {@link InvalidCallOptionError} when one of them cannot be sent
   */
  async enqueueMany<Input extends object, Output>(
    contract: SingleContract<Input, Output>,
    calls: ReadonlyArray<TaskCall<NoInfer<Input>>>,
  ): Promise<Array<AsyncResult<Output>>> {
    const tasks = await this.calls.many(contract, calls);
    const enqueued = await this.store.enqueueMany(tasks);
    this.calls.publishNew(tasks, enqueued);
    return enqueued.map((one) => this.resultOf(one));
  }

  /**
   * Sends a task to all workers that consume its queue: each runs it once, with retries of its own; also one that is
   * away for up to 30 minutes, when it is back, but none that starts later. Resolves when it has been committed.
   *
   * @throws {@link InvalidTaskInputError}, {@link InvalidCallOptionError} when it cannot be sent
   */
  broadcast<Input extends object, Output>(
    contract: BroadcastContract<Input, Output>,
    input: NoInfer<Input>,
    options?: BroadcastOptions,
  ): Promise<BroadcastResult<Output>> {
    return this.broadcaster.send(contract, input, options);
  }

  /**
   * Sends tasks in the caller's own transaction: they exist if that commits, and not otherwise. Nothing is published
   * before, and nobody else knows of them.
   */
  within(manager: EntityManager): TransactionalTaskClient {
    const write = async (tasks: NewTask[]): Promise<Array<AsyncResult<never>>> => {
      const enqueued = await this.store.enqueue(tasks, manager);
      this.store.afterCommit(manager, () => this.calls.publishNew(tasks, enqueued));
      return enqueued.map((one) => this.resultOf(one));
    };
    const writeOne = async (task: NewTask) => (await write([task]))[0] as AsyncResult<never>;
    return {
      delay: async (contract, input) => writeOne(await this.calls.one(contract, { input })),
      applyAsync: async (contract, input, options) => writeOne(await this.calls.one(contract, { ...options, input })),
      sendTask: async (name, args, kwargs, options) => writeOne(this.calls.foreign(name, args, kwargs, options)),
      sendTasks: async (calls) =>
        write(calls.map(({ name, args, kwargs, ...options }) => this.calls.foreign(name, args, kwargs, options))),
      enqueueMany: async (contract, calls) => write(await this.calls.many(contract, calls)),
      broadcast: (contract, input, options) => this.broadcaster.send(contract, input, options, manager),
      publish: async (...messages) => {
        if (messages.length === 0) return;
        await this.store.addLetters(messages.map(letterOf), manager);
        this.store.afterCommit(manager, () => this.options.relay?.wake());
      },
    };
  }

  /**
   * A task by its id, and what has become of it. Whether there is one turns out when it is asked.
   *
   * @param _contract - the task's, for the type of what it returns
   */
  result<Output = unknown>(
    taskId: string,
    _contract?: Pick<TaskContract<unknown, Output>, 'output'>,
  ): AsyncResult<Output> {
    return new AsyncResult<Output>(taskId, this.source);
  }

  /**
   * Says why a task has not started, what it is doing, or how it has ended; `explanationText` puts that into words.
   * Asks Postgres once, however many tasks, and the broker once for each queue that one of them waits in.
   *
   * @returns the explanation; of several, by their ids, without those that nobody knows
   * @throws {@link UnknownTaskError} when there is no task with this one id
   */
  explain(taskId: string): Promise<TaskExplanation>;
  explain(taskIds: readonly string[]): Promise<Map<string, TaskExplanation>>;
  async explain(taskIds: string | readonly string[]): Promise<TaskExplanation | Map<string, TaskExplanation>> {
    if (typeof taskIds !== 'string') return this.explainer.explain(taskIds);
    const explanation = (await this.explainer.explain([taskIds])).get(taskIds);
    if (explanation === undefined) throw new UnknownTaskError(taskIds);
    return explanation;
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
    const writers = this.options.ends?.writers;
    if (typeof taskIds !== 'string') return this.store.revoke(taskIds, { terminate }, writers);
    return (await this.store.revoke([taskIds], { terminate }, writers)).get(taskIds) as RevokeOutcome;
  }

  /**
   * Revokes a task only if it waits; otherwise nothing happens.
   *
   * @returns false when it does not wait: it is being run, has ended, or is not known; of several, how many waited
   */
  revokeWaiting(taskId: string): Promise<boolean>;
  revokeWaiting(taskIds: readonly string[]): Promise<number>;
  async revokeWaiting(taskIds: string | readonly string[]): Promise<boolean | number> {
    const ids = typeof taskIds === 'string' ? [taskIds] : taskIds;
    const outcomes = await this.store.revoke(ids, null, this.options.ends?.writers);
    const count = [...outcomes.values()].filter((outcome) => outcome === 'revoked').length;
    return typeof taskIds === 'string' ? count === 1 : count;
  }

  /**
   * Sets how many of a task may start in a time, over all workers, those that start later too. It counts more than the
   * contract and its annotations. Tasks that wait for their slots follow a higher rate; a slot that a task has stays
   * its own when the rate is lowered.
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

  /** Ends all waits for results. */
  close(): Promise<void> {
    return this.watch.close();
  }

  private async send(task: NewTask): Promise<AsyncResult<never>> {
    const enqueued = await this.store.enqueueOne(task);
    if (enqueued.isNew) this.calls.publish(task);
    return this.resultOf(enqueued);
  }

  /** Fits any contract: what it returns is what the contract says of it. */
  private resultOf({ id, isNew }: Enqueued): AsyncResult<never> {
    return new AsyncResult<never>(id, this.source, !isNew);
  }
}
