import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { TaskContext } from '../task-context.js';
import { packError, type PackedError } from './packed-error.js';
import type { FromThread, ToThread } from './thread-messages.js';

/** The run's end of the line to its thread: what the thread asks of the TaskContext is done here. */
export class LineToThread {
  constructor(
    private readonly port: MessagePort,
    private readonly task: TaskContext,
  ) {
    port.on('message', (message: FromThread) => void this.receive(message));
  }

  /** Aborts the thread's `signal`. */
  abort(reason: unknown): void {
    this.send({ type: 'abort', reason: packError(reason) });
  }

  /** What the thread has said last is not lost: its answer may have overtaken it. */
  close(): void {
    for (let next = receiveMessageOnPort(this.port); next !== undefined; next = receiveMessageOnPort(this.port)) {
      void this.receive(next.message as FromThread);
    }
    this.port.close();
  }

  private async receive({ call, method, args }: FromThread): Promise<void> {
    let error: PackedError | null = null;
    try {
      await (this.task[method] as (...args: unknown[]) => unknown)(...args);
    } catch (thrown) {
      error = packError(thrown);
    }
    this.send({ type: 'reply', call, error });
  }

  private send(message: ToThread): void {
    this.port.postMessage(message);
  }
}
