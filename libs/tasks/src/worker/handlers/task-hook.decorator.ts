import 'reflect-metadata';
import type { TaskContract } from '../../contract/define-task.js';
import type { FailureOutcome, RetryOutcome, SuccessOutcome } from '../outcome.js';
import type { TaskContext } from '../task-context.js';
import type { TaskFacts } from '../task-facts.js';

/** On the method: what it is to be called for, a list of {@link HookMark}. */
export const HOOK_METADATA = 'celeriac:task_hooks';

/** What each kind of hook is called with. */
export interface TaskHookArguments<Input = unknown> {
  beforeStart: [input: Input, task: TaskContext];
  success: [outcome: SuccessOutcome, task: TaskFacts];
  failure: [outcome: FailureOutcome, task: TaskFacts];
  retry: [outcome: RetryOutcome, task: TaskFacts];
  afterReturn: [outcome: SuccessOutcome | FailureOutcome, task: TaskFacts];
}

/** When a hook is called; Celery's `before_start`, `on_success`, `on_failure`, `on_retry`, `after_return`. */
export type TaskHookName = keyof TaskHookArguments;

/** One decorator on one method. */
export interface HookMark {
  hook: TaskHookName;
  /** Null: all tasks. */
  taskName: string | null;
}

/**
 * Marks a method of an injectable to be called at each run of a task, or of all tasks if no contract is given.
 *
 * `beforeStart` is called before the handler, with the input; what it throws counts as the handler's own error. The
 * others are called once the outcome has been committed: `success`, `failure` (no retries left), `retry`, and
 * `afterReturn` after success and failure. What they throw is logged and changes nothing. They are for watching: a
 * worker that dies right after the commit never calls them. What must happen belongs into `task.settleWith()`.
 *
 * ```ts
 * @TaskHook('failure', sendEmail)
 * async alarm(outcome: FailureOutcome, task: TaskFacts) { ... }
 * ```
 */
export function TaskHook<Name extends TaskHookName, Input>(hook: Name, contract?: TaskContract<Input>) {
  return <Method extends (...args: TaskHookArguments<Input>[Name]) => unknown>(
    _target: object,
    _methodName: string,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const method = descriptor.value as object;
    const marks = (Reflect.getOwnMetadata(HOOK_METADATA, method) ?? []) as HookMark[];
    const mark: HookMark = { hook, taskName: contract?.name ?? null };
    Reflect.defineMetadata(HOOK_METADATA, [...marks, mark], method);
  };
}
