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
  throw new CommandError(ExitCode.usage, `${noQueueText(strange, queues)} Its queues: ${queues.join(', ')}.`);
}

/** Says that a queue is none of the app's, and which was meant. */
export function noQueueText(given: string, queues: readonly string[]): string {
  return `The app has no queue ${given}.${didYouMean(given, queues)}`;
}

/** Says that the app knows no such task, and which was meant. */
export function noTaskText(given: string, names: readonly string[]): string {
  return `The app knows no task ${given}.${didYouMean(given, names)}`;
}

/** As {@link noTaskText}, and how one is sent all the same. */
export function noTaskToSendText(given: string, names: readonly string[]): string {
  return (
    `${noTaskText(given, names)} Its tasks: ${names.join(', ')}. ` +
    'One that other workers run needs --queue, or a route of the app.'
  );
}
