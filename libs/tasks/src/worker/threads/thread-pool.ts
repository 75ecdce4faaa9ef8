import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type ResourceLimits } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { TaskContract } from '../../contract/define-task.js';
import type { ErrorClass } from '../../contract/error-rules.js';
import type { TaskContext } from '../task-context.js';
import { TaskWiringError, ThreadLostError, WorkerStoppedError } from '../task-errors.js';
import type { WorkerLog } from '../worker-log.js';
import { LineToThread } from './line-to-thread.js';
import { unpackError } from './packed-error.js';
import type { ThreadHandler } from './thread-handler.js';
import type { ThreadAnswer, ThreadJob } from './thread-messages.js';

/** The compiled one, also when this file is not (in tests): a thread of Node's loads it. */
const THREAD_MAIN = fileURLToPath(new URL('../../../dist/worker/threads/thread-main.js', import.meta.url));

/** The threads of a worker. */
export interface ThreadPoolOptions {
  /** Threads at most. @defaultValue os.availableParallelism() */
  threads?: number;
  /** The memory of each; one that needs more ends. @defaultValue Node's */
  threadResourceLimits?: ResourceLimits;
}

/** Runs handlers in threads. The first run starts the first thread; each is kept until the pool closes. */
export class ThreadPool {
  readonly size: number;
  private pool: Piscina | undefined;
  /** One for each run in progress: ends its thread. */
  private readonly ends = new Set<AbortController>();

  /** @throws {@link TaskWiringError} when the number of threads makes no sense */
  constructor(
    private readonly options: ThreadPoolOptions,
    private readonly log: Pick<WorkerLog, 'warn'>,
  ) {
    this.size = options.threads ?? availableParallelism();
    if (this.size >= 1 && Number.isInteger(this.size)) return;
    throw new TaskWiringError(`The worker was given threads=${this.size}: expected a whole number, 1 or more.`);
  }

  /**
   * Runs a handler's module in a free thread. The thread is ended when the run's outcome is decided without it, and
   * when the worker stops and can wait no longer.
   *
   * @returns what the module's function returned, through JSON
   * @throws what it threw; {@link ThreadLostError} when its thread came to an end; the reason of `task.signal` when it
   *   was ended
   */
  async run({ contract, module }: ThreadHandler, input: unknown, task: TaskContext): Promise<unknown> {
    const { facts, signal, control } = task;
    const { port1, port2 } = new MessageChannel();
    const line = new LineToThread(port1, control);
    const end = new AbortController();
    const onAbort = (): void =>
      signal.reason instanceof WorkerStoppedError ? end.abort(signal.reason) : line.abort(signal.reason);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    // The hard limit and a revoke with `terminate` decide for a run that goes on.
    void control.decided.then(() => end.abort(signal.reason));
    this.ends.add(end);
    try {
      const answer = await this.answer({ module: module.href, input, facts, port: port2 }, end.signal);
      if ('error' in answer) throw unpackError(answer.error, errorClassesOf(contract));
      return answer.result === undefined ? undefined : (JSON.parse(answer.result) as unknown);
    } finally {
      this.ends.delete(end);
      signal.removeEventListener('abort', onAbort);
      line.close();
    }
  }

  /** Ends all threads. Waits for those that run nothing; one that is inside native code ends when that returns. */
  async close(): Promise<void> {
    for (const end of this.ends) end.abort(new WorkerStoppedError());
    await this.pool?.destroy();
  }

  private async answer(job: ThreadJob, end: AbortSignal): Promise<ThreadAnswer> {
    this.pool ??= this.start();
    try {
      return (await this.pool.run(job, { signal: end, transferList: [job.port] })) as ThreadAnswer;
    } catch (error) {
      if (end.aborted) throw end.reason;
      // The input is at fault, which the thread never got.
      if ((error as Error).name === 'DataCloneError') throw error;
      throw new ThreadLostError(error);
    }
  }

  private start(): Piscina {
    const pool = new Piscina({
      filename: THREAD_MAIN,
      name: 'runInThread',
      minThreads: 0,
      maxThreads: this.size,
      idleTimeout: Infinity,
      // Otherwise a thread's timers and connections stand still while it has nothing to run.
      atomics: 'disabled',
      recordTiming: false,
      ...(this.options.threadResourceLimits && { resourceLimits: this.options.threadResourceLimits }),
    });
    return pool.on('error', (error: unknown) => this.onIdleThreadLost(pool, error));
  }

  /** A thread ended that ran nothing: by what its last run left behind, or because it could not even start. */
  private onIdleThreadLost(pool: Piscina, error: unknown): void {
    this.log.warn(`A thread came to an end that ran no task: ${String(error)}`);
    // What waits for a thread would wait for ever: piscina starts one for a new task only.
    if (pool.threads.length === 0) for (const end of this.ends) end.abort(new ThreadLostError(error));
  }
}

/** Those by which the contract judges what a handler throws. */
function errorClassesOf({ autoretryFor = [], dontAutoretryFor = [], throws = [] }: TaskContract): ErrorClass[] {
  return [...autoretryFor, ...dontAutoretryFor, ...throws];
}
