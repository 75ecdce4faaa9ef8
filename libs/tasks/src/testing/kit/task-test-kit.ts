import type { INestApplicationContext, ModuleMetadata, Type } from '@nestjs/common';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import { MemoryBroker } from '../../broker/memory/memory-broker.js';
import { taskTopology } from '../../broker/topology.js';
import type { CallOptions } from '../../contract/call-options.js';
import { TaskClient } from '../../client/task-client.js';
import type { TaskContract } from '../../contract/define-task.js';
import { OutboxPublisher } from '../../outbox/outbox-publisher.js';
import { TasksModule } from '../../tasks.module.js';
import { TaskServer } from '../../worker/task-server.js';
import type { TaskWorker } from '../../worker/task-worker.js';
import { TaskWorkerModule } from '../../worker/task-worker.module.js';
import { isWaiting } from '../memory-store/memory-rows.js';
import { MemoryTaskStore } from '../memory-store/memory-task-store.js';
import { assertEnqueued, type ExpectedOptions, type Part } from './assert-enqueued.js';
import { endedRun, type EndedRun } from './ended-run.js';
import { enqueuedTask, type EnqueuedTask } from './enqueued-task.js';
import { replaceUnderneath } from './replace-underneath.js';
import { Stepper } from './stepper.js';
import { VirtualClock } from './virtual-clock.js';

/** How a kit runs its app. */
export interface TaskTestKitOptions {
  /** `delay()` and its like resolve when the task has been run, and all that it sent. @defaultValue false */
  eager?: boolean;
}

/** An app of nothing but handlers and what they need. */
export interface HandlersUnderTest extends TaskTestKitOptions, Pick<ModuleMetadata, 'imports' | 'providers'> {
  /** The tasks whose queues are consumed. */
  contracts: readonly TaskContract[];
}

/** An app of one's own. */
export interface AppUnderTest<App extends INestApplicationContext> extends TaskTestKitOptions {
  /** Makes what is started, such as an HTTP application. @defaultValue the module itself */
  createApp?: (module: TestingModule) => App;
}

/**
 * Runs an app's tasks in a test: with the engine of production, but with a broker and a store in memory, on a clock
 * that stands still until it is moved, and only when it is told to.
 *
 * ```ts
 * const kit = await TaskTestKit.create({ providers: [ResizeHandler], contracts: [resize] });
 * await kit.tasks.delay(resize, { imageId, width: 640 });
 * kit.assertEnqueued(resize, { width: 640 });
 * expect(await kit.drain()).toMatchObject([{ state: 'SUCCESS' }]);
 * await kit.close();
 * ```
 */
export class TaskTestKit<App extends INestApplicationContext = TestingModule> {
  private constructor(
    /** The app, started. */
    readonly app: App,
    /** What the app keeps in Postgres in production. */
    readonly store: MemoryTaskStore,
    private readonly clock: VirtualClock,
    private readonly ended: readonly EndedRun[],
    private readonly stepper: Stepper | undefined,
  ) {}

  /** Starts an app of the given handlers. They run one at a time, in their order. */
  static create({ contracts, imports = [], providers, eager }: HandlersUnderTest): Promise<TaskTestKit> {
    const queues = [...new Set(contracts.map(({ queue }) => queue))];
    const builder = Test.createTestingModule({
      imports: [
        TasksModule.forRoot({ broker: new MemoryBroker(taskTopology(queues)), queues }),
        TaskWorkerModule.forRoot({ queues, concurrency: 1, shutdownTimeoutMs: 0 }),
        ...imports,
      ],
      providers,
    });
    return TaskTestKit.from(builder, { eager });
  }

  /**
   * Starts an app that imports `TasksModule`, and `TaskWorkerModule` if it runs tasks. Its own broker is closed at
   * once, and its own store is not used: it needs no DataSource for its tasks.
   *
   * @param builder - of `Test.createTestingModule(...)`, with whatever else is to be replaced
   */
  static async from<App extends INestApplicationContext = TestingModule>(
    builder: TestingModuleBuilder,
    { eager = false, createApp = (module) => module as unknown as App }: AppUnderTest<App> = {},
  ): Promise<TaskTestKit<App>> {
    const clock = new VirtualClock();
    const ended: EndedRun[] = [];
    let stepper: Stepper | undefined;
    const store = new MemoryTaskStore({
      now: clock.now,
      onSettled: (settlement, task) => void ended.push(endedRun(settlement, task, clock.now())),
      onEnqueued: async () => {
        // What a handler sends is run by the step that runs the handler.
        if (eager && stepper?.isInside === false) await stepper.runUntil(clock.now());
      },
    });
    const app = createApp(await replaceUnderneath(builder, store).compile());
    await app.init();
    const server = await listen(app);
    if (server !== undefined) {
      const publisher = app.get(OutboxPublisher, { strict: false });
      stepper = new Stepper({ clock, store, publisher, worker: server.unwrap<TaskWorker>() });
    }
    return new TaskTestKit(app, store, clock, ended, stepper);
  }

  /** Sends tasks, as the app does. */
  get tasks(): TaskClient {
    return this.get(TaskClient);
  }

  get<Instance>(token: Type<Instance> | string | symbol): Instance {
    return this.app.get<Instance>(token, { strict: false });
  }

  /** The time on the kit's clock. */
  now(): Date {
    return new Date(this.clock.now());
  }

  /**
   * Runs everything that is due, and what follows from it, until nothing is left.
   *
   * @param options - `includingScheduled`: moves the clock on to whatever is due next, until nothing waits any more
   * @returns the runs, in the order in which they ended
   * @throws Error when it comes to no end
   */
  async drain({ includingScheduled = false } = {}): Promise<EndedRun[]> {
    const from = this.ended.length;
    await this.steps.runUntil(includingScheduled ? Number.MAX_SAFE_INTEGER : this.clock.now());
    return this.ended.slice(from);
  }

  /**
   * Lets time pass, and runs each thing when it is due.
   *
   * @returns the runs, in the order in which they ended
   */
  async advance(seconds: number): Promise<EndedRun[]> {
    const from = this.ended.length;
    const endMs = this.clock.now() + seconds * 1000;
    await this.steps.runUntil(endMs);
    this.steps.moveTo(endMs);
    return this.ended.slice(from);
  }

  /**
   * Runs a task once, by itself, with all that belongs to a run: input check, guards, pipes, interceptors, filters.
   * Nothing else is run, and it is not run again, whatever its outcome.
   *
   * @returns how the run ended; an error of the handler is its `error`
   * @throws {@link InvalidTaskInputError} when the input does not fit the contract
   */
  async perform<Input extends object>(
    contract: TaskContract<Input>,
    input: Input,
    options?: CallOptions,
  ): Promise<EndedRun> {
    const id = await this.steps.runOne(async () => (await this.tasks.applyAsync(contract, input, options)).id);
    const task = this.store.task(id);
    await this.store.outbox.revoke([id], null);
    const run = this.ended.findLast(({ taskId }) => taskId === id);
    if (run !== undefined) return run;
    const reason = task?.waitReason === 'no_handler' ? 'this app has no handler for it' : `it is ${task?.state}`;
    throw new Error(`Task ${contract.name} was not run: ${reason}.`);
  }

  /** The tasks that wait, of one contract or of all, in the order in which they were sent. */
  enqueued(contract?: Pick<TaskContract, 'name'>): EnqueuedTask[] {
    const waiting = this.store.tasks().filter((task) => isWaiting(task) && task.name === (contract ?? task).name);
    return waiting.map((task) => enqueuedTask(task, this.clock.now()));
  }

  /**
   * Asserts that a task waits to be run.
   *
   * @param input - as much of its input as matters
   * @param options - what else matters; a `countdown` counts from now on
   * @returns the first that is so
   * @throws {@link NotEnqueuedError} when none is, with what does wait
   */
  assertEnqueued<Input extends object>(
    contract: TaskContract<Input>,
    input: Part<Input> = {} as Part<Input>,
    options: ExpectedOptions = {},
  ): EnqueuedTask {
    return assertEnqueued(this.enqueued(), contract.name, input, options);
  }

  /** Stops the app. */
  close(): Promise<void> {
    return this.app.close();
  }

  private get steps(): Stepper {
    if (this.stepper !== undefined) return this.stepper;
    throw new TypeError('This app runs no tasks: import TaskWorkerModule too.');
  }
}

/** @returns undefined when the app runs no tasks */
async function listen(app: INestApplicationContext): Promise<TaskServer | undefined> {
  let server: TaskServer;
  try {
    server = app.get(TaskServer, { strict: false });
  } catch {
    return undefined;
  }
  await new Promise<void>((resolve, reject) => {
    server.listen((error) => (error === undefined ? resolve() : reject(error)));
  });
  return server;
}
