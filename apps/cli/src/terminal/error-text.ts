import type { TaskError } from '@celeriac/tasks';
import { printable } from './printable.js';

type Failure = Pick<TaskError, 'type' | 'message'>;

/** @returns why a run failed */
export function errorText({ type, message }: Failure): string {
  return printable(`${type}: ${message}`);
}

/** @returns the first line of {@link errorText} */
export function errorLine(error: Failure): string {
  return errorText(error).split('\n', 1)[0] as string;
}
