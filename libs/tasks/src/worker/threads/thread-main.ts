import { TaskWiringError } from '../task-errors.js';
import { packError } from './packed-error.js';
import { ThreadContext } from './thread-context.js';
import type { ThreadTask } from './thread-handler.js';
import type { ThreadAnswer, ThreadJob } from './thread-messages.js';

/** What a thread of the pool does, run by run. Whatever the handler throws is an answer too: its error, as data. */
export async function runInThread({ module, input, facts, port }: ThreadJob): Promise<ThreadAnswer> {
  const context = new ThreadContext(facts, port);
  try {
    const { default: handler } = (await import(module)) as { default?: ThreadTask };
    if (typeof handler !== 'function') {
      throw new TaskWiringError(`${module} has no function as its default export: export default (input, task) => ...`);
    }
    return { result: JSON.stringify(await handler(input, context)) };
  } catch (thrown) {
    return { error: packError(thrown) };
  } finally {
    context.end();
  }
}
