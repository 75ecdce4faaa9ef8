import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { didYouMean } from '../input/closest.js';
import type { OpenApp } from './open-app.js';

/** @throws {@link CommandError} when one of the queues is none of the app's */
export function assertQueues(given: readonly string[], { queues }: Pick<OpenApp['options'], 'queues'>): void {
  const strange = given.find((queue) => !queues.includes(queue));
  if (strange === undefined) return;
  throw new CommandError(
    ExitCode.usage,
    `The app has no queue ${strange}.${didYouMean(strange, queues)} Its queues: ${queues.join(', ')}.`,
  );
}
