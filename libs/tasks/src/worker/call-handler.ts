import { checkInput } from '../contract/check-input.js';
import { InvalidTaskInputError } from '../contract/invalid-task-input.error.js';
import type { TaskRequest } from '../protocol/index.js';
import type { RegisteredHandler } from './handler-registry.js';
import { outcomeOfError, outcomeOfResult, type Outcome } from './outcome.js';
import type { TaskContext } from './task-context.js';
import type { TaskRun } from './task-run.js';

/** Calls the handler, after the hooks that come before it. @returns what followed; never throws */
export async function callHandler(
  { request, claim }: TaskRun,
  handler: RegisteredHandler,
  context: TaskContext,
): Promise<Outcome> {
  const { contract, hooks } = handler;
  try {
    const input = await checkInput(contract, inputOf(request));
    for (const beforeStart of hooks?.beforeStart ?? []) await beforeStart(input, context);
    return outcomeOfResult(await handler.run(input, context));
  } catch (thrown) {
    return outcomeOfError(thrown, contract, claim.retries);
  }
}

/** The input travels as kwargs; args have no names to check them by. */
export function inputOf(request: TaskRequest): unknown {
  if (request.args.length === 0) return request.kwargs;
  const issue = { path: 'args', message: `expected keyword arguments only, got ${request.args.length} positional` };
  throw new InvalidTaskInputError(request.name, [issue]);
}
