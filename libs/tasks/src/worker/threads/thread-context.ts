import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { RunFacts, TaskContext } from '../task-context.js';
import { unpackError } from './packed-error.js';
import type { ForwardedMethod, FromThread, ToThread } from './thread-messages.js';

/**
 * What a thread's function gets beside its input: the facts of a {@link TaskContext}, and those of its methods that can
 * be called from afar.
 *
 * `signal` aborts as `TaskContext.signal` does. A loop that never awaits may ask for `signal.aborted`, or call
 * `signal.throwIfAborted()`: both look for themselves whether something has come.
 */
export interface ThreadTaskContext extends RunFacts, Pick<TaskContext, 'signal' | ForwardedMethod> {}

/** The thread's end of the line to its run. */
export function threadContext(facts: RunFacts, port: MessagePort): ThreadTaskContext {
  const line = new LineToRun(port);
  return {
    ...facts,
    signal: line.signal,
    passPointOfNoReturn: () => line.call('passPointOfNoReturn'),
  };
}

class LineToRun {
  readonly signal: AbortSignal;
  private readonly abort = new AbortController();
  private readonly calls = new Map<number, { resolve: () => void; reject: (reason: unknown) => void }>();
  private lastCall = 0;

  constructor(private readonly port: MessagePort) {
    port.on('message', (message: ToThread) => this.receive(message));
    this.signal = lookingSignal(this.abort.signal, () => this.receiveWaiting());
  }

  call(method: ForwardedMethod, ...args: unknown[]): Promise<void> {
    const call = (this.lastCall += 1);
    return new Promise((resolve, reject) => {
      this.calls.set(call, { resolve, reject });
      this.port.postMessage({ call, method, args } satisfies FromThread);
    });
  }

  private receiveWaiting(): void {
    for (let next = receiveMessageOnPort(this.port); next !== undefined; next = receiveMessageOnPort(this.port)) {
      this.receive(next.message as ToThread);
    }
  }

  private receive(message: ToThread): void {
    if (message.type === 'abort') return this.abort.abort(unpackError(message.reason));
    const caller = this.calls.get(message.call);
    this.calls.delete(message.call);
    if (message.error === null) caller?.resolve();
    else caller?.reject(unpackError(message.error));
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
