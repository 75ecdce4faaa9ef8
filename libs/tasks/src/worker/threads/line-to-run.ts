import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { LogLevel } from '../../store/task-store.js';
import type { RunControl } from '../task-context.js';
import { unpackError } from './packed-error.js';
import type { FromThread, ToThread } from './thread-messages.js';

/** A thread's end of the line to its run: what the worker does for a run is asked for over there. */
export class LineToRun implements RunControl {
  readonly signal: AbortSignal;
  /** The thread does not live to see it. */
  readonly decided = new Promise<never>(() => undefined);
  private readonly abort = new AbortController();
  private readonly calls = new Map<number, { resolve: () => void; reject: (reason: unknown) => void }>();
  private lastCall = 0;
  private unsent: string | null = null;
  private isReporting = false;

  constructor(private readonly port: MessagePort) {
    port.on('message', (message: ToThread) => this.receive(message));
    this.signal = lookingSignal(this.abort.signal, () => this.look());
  }

  passPointOfNoReturn(): Promise<void> {
    const call = (this.lastCall += 1);
    return new Promise((resolve, reject) => {
      this.calls.set(call, { resolve, reject });
      this.send({ type: 'pass point of no return', call });
    });
  }

  /** The last report counts: a loop may make them faster than the worker, which has more to do, can take them. */
  report(progress: string): void {
    this.unsent = progress;
    this.look();
    if (!this.isReporting) this.sendReport();
  }

  log(level: LogLevel, message: string): void {
    this.send({ type: 'log', level, message });
  }

  /** It holds its own. */
  heldLoop(): void {}

  /** Says what has not been said yet. */
  end(): void {
    this.sendReport();
  }

  private sendReport(): void {
    this.isReporting = this.unsent !== null;
    if (this.unsent !== null) this.send({ type: 'report', progress: this.unsent });
    this.unsent = null;
  }

  private look(): void {
    for (let next = receiveMessageOnPort(this.port); next !== undefined; next = receiveMessageOnPort(this.port)) {
      this.receive(next.message as ToThread);
    }
  }

  private receive(message: ToThread): void {
    switch (message.type) {
      case 'abort':
        return this.abort.abort(unpackError(message.reason));
      case 'reported':
        return this.sendReport();
      case 'passed': {
        const caller = this.calls.get(message.call);
        this.calls.delete(message.call);
        if (message.error === null) caller?.resolve();
        else caller?.reject(unpackError(message.error));
      }
    }
  }

  private send(message: FromThread): void {
    this.port.postMessage(message);
  }
}

/** Messages are delivered between two turns of the event loop, and a loop that holds the CPU has but one turn. */
function lookingSignal(signal: AbortSignal, look: () => void): AbortSignal {
  const get = (): boolean => {
    look();
    return Reflect.get(AbortSignal.prototype, 'aborted', signal);
  };
  const throwIfAborted = (): void => {
    if (get()) throw signal.reason;
  };
  return Object.defineProperties(signal, { aborted: { get }, throwIfAborted: { value: throwIfAborted } });
}
