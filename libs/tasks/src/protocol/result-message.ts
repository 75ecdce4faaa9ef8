import type { TaskMessage } from './task-message.js';

/** An exception as Celery's results carry it: enough for a Python client to raise it again. */
export interface PythonException {
  exc_type: string;
  /** What its class is called with. */
  exc_message: unknown[];
  /** Where Python looks for the class; never null, for then not even `except ValueError` would match. */
  exc_module: string;
}

/** A task that another one has sent, or a group of such: `[[id, parent], members]`. */
export type ResultTuple = [[id: string, parent: null], members: ResultTuple[] | null];

/** How a task ended. */
export interface TaskResult {
  taskId: string;
  /** The request's; null: the id is sent in its place. */
  correlationId: string | null;
  status: 'SUCCESS' | 'FAILURE' | 'REVOKED';
  /** What the handler returned, or a {@link PythonException}. */
  result: unknown;
  /** Text to show, or null. */
  traceback: string | null;
  children: ResultTuple[];
}

/**
 * Encodes a result for a caller that waits over `rpc://`. It goes to the default exchange, with the request's
 * `reply_to` as the routing key. Source: `store_result` in `celery/backends/rpc.py`.
 */
export function encodeResultMessage({ taskId, correlationId, ...result }: TaskResult): TaskMessage {
  const { status, traceback, children } = result;
  return {
    properties: {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      correlationId: correlationId ?? taskId,
      deliveryMode: 1,
      priority: 0,
    },
    headers: {},
    body: Buffer.from(JSON.stringify({ task_id: taskId, status, result: result.result ?? null, traceback, children })),
  };
}
