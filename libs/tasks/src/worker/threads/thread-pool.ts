import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type ResourceLimits } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { TaskContext } from '../task-context.js';
import { TaskRevokedError, ThreadLostError, TimeLimitExceeded, WorkerStoppedError } from '../task-errors.js';
import type { WorkerLog } from '../worker-log.js';
import { unpackError } from './packed-error.js';
import { LineToThread } from './line-to-thread.js';
import type { ThreadAnswer, ThreadJob } from './thread-messages.js';

/** The compiled one, also when this file is not (in tests): a thread of Node's loads it. */
const THREAD_MAIN = fileURLToPath(new URL('../../../dist/worker/threads/thread-main.js', import.meta.url));

export interface ThreadPoolOptions {
  /** Threads at most. @defaultValue os.availableParallelism() */
  threads?: number;
  /** The memory of each; one that needs more ends. @defaultValue Node's */
  resourceLimits?: ResourceLimits;
}

/** Runs handlers in threads. The first run starts the first thread; each is kept until the pool closes. */
export class ThreadPool {
  readonly size: number;
  private pool: Piscina | undefined;
  /** One for each run in progress: ends its thread. */
  private readonly ends = new Set<AbortController>();

  constructor(
    private readonly options: ThreadPoolOptions,
    private readonly log: Pick<WorkerLog, 'warn'>,
  ) {
    this.size = options.threads ?? availableParallelism();
  }

  /**
   * Runs a module's function in a free thread.
   *
   * @returns what it returned, through JSON
   * @throws what it threw; {@link ThreadLostError} when its thread came to an end; the reason of `task.signal` when
   *   that ended the thread
   */
  async run(module: URL, input: unknown, task: TaskContext): Promise<unknown> {
    const { port1, port2 } = new MessageChannel();
    const line = new LineToThread(port1, task);
    const end = new AbortController();
    const { signal } = task;
    const onAbort = (): void => (isFinal(signal.reason) ? end.abort(signal.reason) : line.abort(signal.reason));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    this.ends.add(end);
    try {
      const answer = await this.answer({ module: module.href, input, facts: task.facts, port: port2 }, end.signal);
      if ('error' in answer) throw unpackError(answer.error);
      return answer.result === undefined ? undefined : (JSON.parse(answer.result) as unknown);
    } finally {
      this.ends.delete(end);
      signal.removeEventListener('abort', onAbort);
      line.close();
    }
  }

  /** Ends all threads. */
  async close(): Promise<void> {
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
      ...(this.options.resourceLimits && { resourceLimits: this.options.resourceLimits }),
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

/** Whether nothing counts that a run aborted for this reason still says. */
function isFinal(reason: unknown): boolean {
  return (
    reason instanceof TimeLimitExceeded ||
    reason instanceof WorkerStoppedError ||
    (reason instanceof TaskRevokedError && reason.terminated)
  );
}
