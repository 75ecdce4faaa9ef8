import type { MessagePort } from 'node:worker_threads';
import { TaskContext } from '../task-context.js';
import type { TaskFacts } from '../task-facts.js';
import { LineToRun } from './line-to-run.js';

/**
 * What a thread's function gets beside its input: a {@link TaskContext} that reaches the worker from afar.
 *
 * A loop that never awaits may ask for `signal.aborted`, or call `signal.throwIfAborted()`: both look for themselves
 * whether something has come. A listener is called when the function awaits something.
 */
export type ThreadTaskContext = Omit<TaskContext, 'settleWith'>;

/** @internal */
export class ThreadContext extends TaskContext {
  private readonly line: LineToRun;

  constructor(facts: TaskFacts, port: MessagePort) {
    const line = new LineToRun(port);
    super(facts, line.signal, line);
    this.line = line;
  }

  override settleWith(): never {
    throw new TypeError('task.settleWith() does not work in a thread, whose objects stay there: use a @TaskHandler.');
  }

  /** The run ends: what has not been said yet is. */
  end(): void {
    this.line.end();
  }
}
