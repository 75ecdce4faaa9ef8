import { scanJson } from './json-scan.js';
import { MAX_NESTING, type TaskMessage } from './task-message.js';
import { UndecodableMessageError, type UndecodableReason } from './undecodable-message.error.js';

/** What a Celery worker says of a task over `rpc` ("Task result message", `celery/backends/rpc.py`). */
export interface ResultMessage {
  taskId: string;
  /** One of Celery's states, or one of the task's own. */
  status: string;
  /** What the task returned; of a failure, retry or revocation the exception; of a state of its own the meta. */
  result: unknown;
  traceback: string | null;
}

// A string, or one of the numbers that Python writes and JSON does not have.
const STRING_OR_NON_FINITE = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/g;

/**
 * Decodes a result message. NaN and Infinity become null: with them in it, the result of a task would never come.
 *
 * @throws UndecodableMessageError reasons `content_type`, `body_json`, `body_depth`, `body_shape`.
 */
export function decodeResultMessage({ properties, body }: TaskMessage): ResultMessage {
  const identity = { taskId: properties.correlationId ?? null, taskName: null };
  const refuse = (reason: UndecodableReason, field: string, problem: string, cause?: unknown) =>
    new UndecodableMessageError({ ...identity, reason, field, problem, cause });
  if (properties.contentType !== 'application/json') {
    throw refuse('content_type', 'content_type', 'must be exactly application/json (Python: result_serializer)');
  }
  const { depth, hasNonFinite } = scanJson(body);
  if (depth > MAX_NESTING) {
    throw refuse('body_depth', 'body', `must not be nested deeper than ${MAX_NESTING}, got ${depth}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(hasNonFinite ? withoutNonFinite(body.toString()) : body.toString());
  } catch (cause) {
    throw refuse('body_json', 'body', `the ${body.length} bytes are not JSON`, cause);
  }
  const { task_id: taskId, status, result = null, traceback } = Object(value) as Record<string, unknown>;
  if (typeof taskId !== 'string') throw refuse('body_shape', 'task_id', 'must be text');
  if (typeof status !== 'string') throw refuse('body_shape', 'status', 'must be text');
  return { taskId, status, result, traceback: typeof traceback === 'string' ? traceback : null };
}

function withoutNonFinite(json: string): string {
  return json.replace(STRING_OR_NON_FINITE, (match) => (match.startsWith('"') ? match : 'null'));
}
