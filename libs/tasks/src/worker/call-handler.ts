import { bindArgs } from '../contract/bind-args.js';
import { checkInput } from '../contract/check-input.js';
import { checkOutput } from './check-output.js';
import type { RegisteredHandler } from './handlers/handler-registry.js';
import { outcomeOfError, outcomeOfInputError, outcomeOfResult, toTaskError, type Outcome } from './outcome.js';
import type { TaskContext } from './task-context.js';
import { ThreadLostError, WorkerStoppedError } from './task-errors.js';
import type { TaskRun } from './task-run.js';

/** Calls the handler, after the hooks that come before it. @returns what followed; never throws */
export async function callHandler(run: TaskRun, handler: RegisteredHandler, context: TaskContext): Promise<Outcome> {
  const { contract, hooks } = handler;
  const { request, claim } = run;
  let input: unknown;
  try {
    input = await checkInput(contract, bindArgs(contract, request.args, request.kwargs));
  } catch (thrown) {
    return outcomeOfInputError(thrown, contract, claim.retries);
  }
  try {
    for (const beforeStart of hooks?.beforeStart ?? []) await beforeStart(input, context);
    return outcomeOfResult(await checkOutput(contract, await handler.run(input, context)));
  } catch (thrown) {
    run.isCutOff = thrown instanceof WorkerStoppedError || thrown instanceof ThreadLostError;
    if (thrown instanceof WorkerStoppedError) return outcomeOfStop(run, thrown);
    return outcomeOfError(thrown, contract, claim.retries);
  }
}

/** The worker gives the run back just now: it may make no difference who of the two writes that down first. */
function outcomeOfStop({ mayRunAgain }: TaskRun, reason: WorkerStoppedError): Outcome {
  if (mayRunAgain) return { state: 'SNOOZE', countdownSeconds: 0 };
  return { state: 'FAILURE', error: toTaskError(reason), deadLetterReason: null };
}
