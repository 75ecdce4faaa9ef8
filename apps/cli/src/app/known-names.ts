import type { TaskRouter } from '@celeriac/tasks';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { didYouMean } from '../input/closest.js';

/** @returns the names of an app's queues */
export function queueNames({ queues }: TaskRouter): string[] {
  return queues.map(({ name }) => name);
}

/** @throws {@link CommandError} when one of the queues is none of the app's */
export function assertQueues(given: readonly string[], queues: readonly string[]): void {
  const strange = given.find((queue) => !queues.includes(queue));
  if (strange === undefined) return;
  throw new CommandError(
    ExitCode.usage,
    `The app has no queue ${strange}.${didYouMean(strange, queues)} Its queues: ${queues.join(', ')}.`,
  );
}
