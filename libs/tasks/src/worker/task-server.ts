import { Server } from '@nestjs/microservices';
import type { WorkerIdentity } from '../store/task-store.js';
import type { TaskWorker } from './task-worker.js';

/**
 * The worker as a transport of Nest: `listen` starts it, `close` stops it and waits for running tasks. Handlers are
 * not its own `messageHandlers`: those are read from controllers only, and turn every error into the same one.
 */
export class TaskServer extends Server {
  private worker: TaskWorker | undefined;

  constructor(
    /** What the store knows the worker as. */
    readonly identity: WorkerIdentity,
    private readonly createWorker: () => TaskWorker,
  ) {
    super();
  }

  /** True while tasks that come are run. */
  get ready(): boolean {
    return this.worker?.ready ?? false;
  }

  override listen(callback: (error?: unknown) => void): void {
    this.worker = this.createWorker();
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
