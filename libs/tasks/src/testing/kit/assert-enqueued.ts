import { asJson } from '../memory-store/memory-rows.js';
import type { EnqueuedTask } from './enqueued-task.js';

/** A value with as much left out as one likes; lists are whole. */
export type Part<Value> = Value extends readonly unknown[] | Date
  ? Value
  : Value extends object
    ? { [Key in keyof Value]?: Part<Value[Key]> }
    : Value;

/** What else than its name and input is expected of a task that waits; the names are those of the call. */
export type ExpectedOptions = Partial<
  Pick<EnqueuedTask, 'id' | 'queue' | 'priority' | 'headers' | 'countdown' | 'eta' | 'retries'>
>;

/** No task waits that is as expected. The message says what does wait. */
export class NotEnqueuedError extends Error {
  override readonly name = 'NotEnqueuedError';

  constructor(
    readonly taskName: string,
    readonly expected: { input: unknown } & ExpectedOptions,
    /** All tasks that wait. */
    readonly waiting: readonly EnqueuedTask[],
  ) {
    super(`Expected a task ${taskName} that waits with ${JSON.stringify(expected)}.\n${whatWaits(taskName, waiting)}`);
  }
}

/**
 * @returns the first task of that name that is as expected
 * @throws {@link NotEnqueuedError} when there is none
 */
export function assertEnqueued(
  waiting: readonly EnqueuedTask[],
  taskName: string,
  input: unknown,
  options: ExpectedOptions,
): EnqueuedTask {
  const expected = asJson({ input, ...options });
  const found = waiting.find((task) => task.name === taskName && isPart(expected, asJson(task)));
  if (found !== undefined) return found;
  throw new NotEnqueuedError(taskName, expected, waiting);
}

/** Whether all that is expected is there; both are JSON. */
function isPart(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return expected === actual;
  if (typeof actual !== 'object' || actual === null || Array.isArray(expected) !== Array.isArray(actual)) return false;
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) return false;
  return Object.entries(expected).every(([key, value]) => isPart(value, (actual as Record<string, unknown>)[key]));
}

function whatWaits(taskName: string, waiting: readonly EnqueuedTask[]): string {
  const same = waiting.filter(({ name }) => name === taskName);
  if (same.length > 0) return [`Of it there wait ${same.length}:`, ...same.map((task) => `  ${line(task)}`)].join('\n');
  const names = [...new Set(waiting.map(({ name }) => name))];
  return names.length === 0 ? 'Nothing waits.' : `Of it there waits none, but of ${names.join(', ')}.`;
}

function line({ input, queue, priority, headers, countdown, retries }: EnqueuedTask): string {
  return JSON.stringify({ input, queue, priority, headers, countdown, retries });
}
