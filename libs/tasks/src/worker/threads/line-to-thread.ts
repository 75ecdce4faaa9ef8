import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { RunControl } from '../task-context.js';
import { packError } from './packed-error.js';
import type { FromThread, ToThread } from './thread-messages.js';

/** A run's end of the line to its thread: what the thread asks for is done here. */
export class LineToThread {
  constructor(
    private readonly port: MessagePort,
    private readonly control: RunControl,
  ) {
    port.on('message', (message: FromThread) => this.receive(message));
  }

  /** Aborts the thread's `signal`. */
  abort(reason: unknown): void {
    this.send({ type: 'abort', reason: packError(reason) });
  }

  /** What the thread has said last is not lost: its answer may have overtaken it. */
  close(): void {
    for (let next = receiveMessageOnPort(this.port); next !== undefined; next = receiveMessageOnPort(this.port)) {
      this.receive(next.message as FromThread);
    }
    this.port.close();
  }

  private receive(message: FromThread): void {
    switch (message.type) {
      case 'report':
        this.control.report(message.progress);
        return this.send({ type: 'reported' });
      case 'log':
        return this.control.log(message.level, message.message);
      case 'pass point of no return':
        void this.passPointOfNoReturn(message.call);
    }
  }

  private async passPointOfNoReturn(call: number): Promise<void> {
    const error = await this.control.passPointOfNoReturn().then(() => null, packError);
    this.send({ type: 'passed', call, error });
  }

  private send(message: ToThread): void {
    this.port.postMessage(message);
  }
}
