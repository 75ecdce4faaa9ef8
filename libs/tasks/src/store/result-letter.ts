import { encodeResultMessage, pythonException, type ResultTuple } from '../protocol/index.js';
import type { Letter } from './messages.js';
import type { TaskError } from './run-reports.js';

/** How a task has ended. */
export type Ending =
  | { state: 'SUCCESS'; result: unknown }
  | { state: 'FAILURE'; error: TaskError }
  /** `terminated`: while it was being run. */
  | { state: 'REVOKED'; reason: 'expired' | 'revoked' | 'terminated' };

/** Who may wait for a task's result over `rpc://`. */
export interface Waiter {
  /** Of the task. */
  id: string;
  /** The queue that the result goes to; null: nobody waits. */
  replyTo: string | null;
  /** Null: the id is sent in its place. */
  correlationId: string | null;
}

/**
 * The message that tells who waits for a task how it has ended. When the queue is gone, nobody waits any more.
 *
 * @param children - the tasks that it has sent
 * @returns none when nobody waits
 */
export function resultLetters(waiter: Waiter, ending: Ending, children: ResultTuple[] = []): Letter[] {
  const { id: taskId, replyTo: routingKey, correlationId } = waiter;
  // Postgres stores no text with a NUL, and no queue has such a name.
  if (routingKey === null || routingKey.includes('\0')) return [];
  const { state: status } = ending;
  const { properties, headers, body } = encodeResultMessage({
    taskId,
    correlationId,
    status,
    result: resultOf(ending),
    traceback: ending.state === 'FAILURE' ? ending.error.stack : null,
    children,
  });
  return [{ message: { exchange: '', routingKey, envelope: { properties, headers }, body }, mandatory: false }];
}

function resultOf(ending: Ending): unknown {
  switch (ending.state) {
    case 'SUCCESS':
      return ending.result;
    case 'FAILURE':
      return pythonException(ending.error);
    case 'REVOKED':
      return pythonException({ type: 'TaskRevokedError', message: ending.reason });
  }
}
