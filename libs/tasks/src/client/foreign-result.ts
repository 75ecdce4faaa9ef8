import { argsRepr, pythonRepr, type ResultMessage } from '../protocol/index.js';
import type { ForeignResult } from '../store/result-store.js';
import type { TaskError } from '../store/task-store.js';

/** States of which a worker's message says nothing that we want to know. */
const NO_NEWS = new Set(['PENDING', 'RECEIVED', 'REJECTED']);

/** @returns what a worker's message means for the task's row; null when nothing */
export function foreignResult({ taskId, status, result, traceback }: ResultMessage): ForeignResult | null {
  const base = { taskId, result: null, error: null, progress: null };
  switch (status) {
    case 'SUCCESS':
      return { ...base, state: status, result };
    case 'FAILURE':
    case 'RETRY':
    case 'REVOKED':
      return { ...base, state: status, error: errorOf(result, traceback) };
    case 'STARTED':
      return { ...base, state: status };
    default:
      // A state of the task's own: it is being run.
      return NO_NEWS.has(status) ? null : { ...base, state: 'STARTED', progress: { state: status, meta: result } };
  }
}

/**
 * What several messages say of one task together, so that one statement writes it: an end is the end, and of anything
 * else the last counts.
 */
export function merged(earlier: ForeignResult | undefined, later: ForeignResult): ForeignResult {
  if (earlier === undefined) return later;
  const last = earlier.state === 'STARTED' || earlier.state === 'RETRY' ? later : earlier;
  return { ...last, progress: last.progress ?? earlier.progress };
}

/** Python's exception as data, its text as `str()` gives it. */
function errorOf(result: unknown, traceback: string | null): TaskError {
  const { exc_type: type, exc_message: given } = Object(result) as Record<string, unknown>;
  return { type: typeof type === 'string' ? type : 'Exception', message: messageOf(given ?? result), stack: traceback };
}

function messageOf(given: unknown): string {
  if (!Array.isArray(given)) return textOf(given);
  if (given.length > 1) return argsRepr(given);
  return given.length === 0 ? '' : textOf(given[0]);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}
