import { Server } from '@nestjs/microservices';
import type { WorkerIdentity } from '../store/task-store.js';
import type { TaskWorker } from './task-worker.js';

/**
 * The worker as a transport of Nest: `listen` starts it, `close` stops it and waits for running tasks. Handlers are
 * not its own `messageHandlers`: those are read from controllers only, and turn every error into the same one.
 */
export class TaskServer extends Server {
  /**
   * Resolves, with the reason in one line, when RabbitMQ is there and has tasks, and none comes: neither a new channel
   * nor a new connection helped, so that only a new process can. Close the app then, and end with an exit code that has
   * it started again. A broker that is away is no such reason: it is waited for.
   */
  readonly broken: Promise<string>;
  private worker: TaskWorker | undefined;
  private tellBroken: (reason: string) => void = () => undefined;

  constructor(
    /** What the store knows the worker as. */
    readonly identity: WorkerIdentity,
    private readonly createWorker: (onBroken: (reason: string) => void) => TaskWorker,
  ) {
    super();
    this.broken = new Promise((resolve) => (this.tellBroken = resolve));
  }

  /** True while tasks that come are run. */
  get ready(): boolean {
    return this.trouble === null;
  }

  /** Why tasks that come are not run, in one line; null while they are. */
  get trouble(): string | null {
    return this.worker === undefined ? 'The worker is starting.' : this.worker.trouble;
  }

  override listen(callback: (error?: unknown) => void): void {
    this.worker = this.createWorker((reason) => this.tellBroken(reason));
    this.worker.start().then(() => callback(), callback);
  }

  override async close(): Promise<void> {
    await this.worker?.stop();
  }

  /** Has a close that is under way wait for no task: what runs is aborted and given back. */
  hurry(): void {
    void this.worker?.stopNow();
  }

  /** There are no events of the transport to listen to. */
  override on(): void {}

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature is Nest's
  override unwrap<T>(): T {
    return this.worker as T;
  }
}
