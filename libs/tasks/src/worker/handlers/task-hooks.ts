import type { DiscoveryService } from '@nestjs/core';
import type { Outcome } from '../outcome.js';
import type { TaskFacts } from '../task-facts.js';
import { taskLabel, type WorkerLog } from '../worker-log.js';
import { markedMethods } from './marked-methods.js';
import { HOOK_METADATA, type HookMark, type TaskHookArguments, type TaskHookName } from './task-hook.decorator.js';

/** The hooks of one task, of each kind in the order in which they were found. */
export type TaskHooks = { readonly [Name in TaskHookName]?: ReadonlyArray<Hook<Name>> };

type Callable = (...args: unknown[]) => unknown;
type Hook<Name extends TaskHookName> = (...args: TaskHookArguments[Name]) => unknown;

/** Finds the methods that `@TaskHook` marks. @returns those of a task by its name, undefined where it has none */
export function findHooks(discovery: DiscoveryService): (taskName: string) => TaskHooks | undefined {
  const found = markedMethods<HookMark[]>(discovery, HOOK_METADATA).flatMap(({ wrapper, methodName, mark: marks }) =>
    marks.map((mark) => ({ ...mark, call: boundMethod(wrapper.instance, methodName) })),
  );
  return (taskName) => {
    const own = found.filter((mark) => mark.taskName === null || mark.taskName === taskName);
    if (own.length === 0) return undefined;
    const calls = (name: TaskHookName): Callable[] => own.filter(({ hook }) => hook === name).map(({ call }) => call);
    return {
      beforeStart: calls('beforeStart'),
      success: calls('success'),
      failure: calls('failure'),
      retry: calls('retry'),
      afterReturn: calls('afterReturn'),
    };
  };
}

/** Calls the hooks that come after an outcome. Their errors are logged. */
export async function callHooks(hooks: TaskHooks, outcome: Outcome, task: TaskFacts, log: WorkerLog): Promise<void> {
  for (const call of callsFor(hooks, outcome, task)) {
    try {
      await call();
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      log.error(`${taskLabel(task)}: a hook failed: ${String(error)}`, stack);
    }
  }
}

function callsFor(hooks: TaskHooks, outcome: Outcome, task: TaskFacts): Array<() => unknown> {
  const { success = [], failure = [], retry = [], afterReturn = [] } = hooks;
  switch (outcome.state) {
    case 'SUCCESS':
      return [...success, ...afterReturn].map((hook) => () => hook(outcome, task));
    case 'FAILURE':
      return [...failure, ...afterReturn].map((hook) => () => hook(outcome, task));
    case 'RETRY':
      return retry.map((hook) => () => hook(outcome, task));
    case 'SNOOZE':
    case 'IGNORED':
    case 'REVOKED':
      return [];
  }
}

function boundMethod(instance: Record<string, Callable>, methodName: string): Callable {
  return (...args) => instance[methodName]?.(...args);
}
