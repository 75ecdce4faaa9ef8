import { v7 as uuidv7 } from 'uuid';
import { annotated, type TaskAnnotations } from '../contract/annotations.js';
import { checkInput } from '../contract/check-input.js';
import { assertSingle } from '../contract/define-broadcast.js';
import type { TaskContract } from '../contract/define-task.js';
import { InvalidTaskInputError } from '../contract/invalid-task-input.error.js';
import type { OutboxPublisher } from '../outbox/outbox-publisher.js';
import type { TaskRouter } from '../routes/task-router.js';
import type { Enqueued, NewTask } from '../store/task-store.js';
import { assertCallOptions } from './assert-call-options.js';
import { newForeignTask, newTask } from './new-task.js';
import type { SendTaskOptions, TaskCall } from './task-client-options.js';

/** How long the process that wrote a message has for publishing it, before a relay does. */
const EAGER_LEASE_MS = 10_000;
/** Of many tasks in one call the writer publishes so many itself; the relays take their share of the rest. */
const MOST_EAGER = 1000;

/** Makes of calls what is to be written, once they have been checked, and publishes what was written. */
export class TaskCalls {
  constructor(
    private readonly publisher: OutboxPublisher,
    private readonly annotations: TaskAnnotations,
    private readonly router: TaskRouter,
  ) {}

  async one<Input extends object>(
    contract: TaskContract<Input>,
    { input, ...options }: TaskCall<Input>,
    isEager = true,
  ): Promise<NewTask> {
    assertSingle(contract);
    assertCallOptions(contract.name, options);
    const checked = await checkInput(contract, input);
    const sent = annotated(contract, this.annotations);
    return newTask(sent, options.taskId ?? uuidv7(), checked, this.leaseMs(isEager), options, this.router);
  }

  many<Input extends object>(contract: TaskContract<Input>, calls: ReadonlyArray<TaskCall<Input>>): Promise<NewTask[]> {
    const prepare = (call: TaskCall<Input>, index: number): Promise<NewTask> =>
      this.one(contract, call, index < MOST_EAGER).catch((error: unknown) => {
        throw error instanceof InvalidTaskInputError ? error.ofCall(index) : error;
      });
    return Promise.all(calls.map(prepare));
  }

  /** Of a task whose code is elsewhere. */
  foreign(
    name: string,
    args: unknown[] = [],
    kwargs: Record<string, unknown> = {},
    options: SendTaskOptions = {},
  ): NewTask {
    assertCallOptions(name, options);
    return newForeignTask({ name, args, kwargs }, options.taskId ?? uuidv7(), this.leaseMs(true), options, this.router);
  }

  publishNew(tasks: readonly NewTask[], enqueued: readonly Enqueued[]): void {
    tasks.forEach((task, index) => {
      if (enqueued[index]?.isNew === true) this.publish(task);
    });
  }

  /** What may run at once; the rest is the relay's, when its time has come on Postgres's clock. */
  publish({ id, outboxId, message, eta, countdownMs, leaseMs }: NewTask): void {
    if (leaseMs === 0 || eta !== null || countdownMs !== null) return;
    void this.publisher.publish({ ...message, outboxId, taskId: id, generation: 0 });
  }

  /** With nobody there to publish it now, the relay may take it at once. */
  private leaseMs(isEager: boolean): number {
    return isEager && this.publisher.ready ? EAGER_LEASE_MS : 0;
  }
}
