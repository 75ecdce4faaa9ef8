import { bindArgs } from '../contract/bind-args.js';
import { checkInput } from '../contract/check-input.js';
import { checkOutput } from './check-output.js';
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
    const input = await checkInput(contract, bindArgs(contract, request.args, request.kwargs));
    for (const beforeStart of hooks?.beforeStart ?? []) await beforeStart(input, context);
    return outcomeOfResult(await checkOutput(contract, await handler.run(input, context)));
  } catch (thrown) {
    return outcomeOfError(thrown, contract, claim.retries);
  }
}
