import type { AttemptOutcome, TaskState } from '@celeriac/tasks';
import type { Paint, Style } from './terminal.js';

const STYLES: Partial<Record<TaskState | AttemptOutcome, Style>> = {
  SUCCESS: 'green',
  FAILURE: 'red',
  WORKER_LOST: 'red',
  REVOKED: 'yellow',
  RETRY: 'yellow',
  STARTED: 'cyan',
};

/** The state of a task, or how a run of it ended, in the colour that it has everywhere. */
export function paintState(state: TaskState | AttemptOutcome, paint: Paint): string {
  const style = STYLES[state];
  return style === undefined ? state : paint(style, state);
}
