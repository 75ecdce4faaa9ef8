import type { TaskRequest } from '../../protocol/index.js';
import type { RegisteredHandler } from '../handlers/handler-registry.js';

/** Something that is, or carries, a call of a task. */
interface Call {
  request: Pick<TaskRequest, 'name'>;
}

/**
 * Has tasks that run in threads wait, unclaimed, until a thread is free; the others need not wait for them.
 *
 * @param active - what runs just now
 * @param size - how many threads there are
 * @returns whether a task may be claimed; to be asked once for each, and made anew for each batch
 */
export function threadGate(
  handlers: ReadonlyMap<string, RegisteredHandler>,
  active: ReadonlyMap<string, Call>,
  size: number,
): (call: Call) => boolean {
  const needsThread = ({ request }: Call): boolean => handlers.get(request.name)?.pool === 'threads';
  let free: number | undefined;
  return (call) => {
    if (!needsThread(call)) return true;
    free ??= size - [...active.values()].filter(needsThread).length;
    return (free -= 1) >= 0;
  };
}
