import type { StoredAttempt, StoredResult, TaskState } from '@celeriac/tasks';
import type { OpenApp } from '../app/open-app.js';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { errorLine, errorText } from '../terminal/error-text.js';
import { paintState } from '../terminal/paint-state.js';
import { printable } from '../terminal/printable.js';
import { fields, table } from '../terminal/table.js';
import type { Paint } from '../terminal/terminal.js';
import { timeText } from '../terminal/time-text.js';

/** What has become of a task. */
export interface TaskReport extends StoredResult {
  attempts: StoredAttempt[];
}

/** @throws {@link CommandError} when there is no such task */
export async function reportOf(app: OpenApp, id: string): Promise<TaskReport> {
  const { outbox } = app.store;
  const [[result], attempts] = await Promise.all([outbox.results([id]), outbox.attempts(id)]);
  if (result === undefined) throw new CommandError(ExitCode.no, `There is no task ${id}.`);
  return { ...result, attempts };
}

/** A task that succeeded is a yes, one that has not ended is neither yes nor no. */
export function exitCodeOf(state: TaskState): ExitCode {
  if (state === 'SUCCESS') return ExitCode.ok;
  return state === 'FAILURE' || state === 'REVOKED' ? ExitCode.no : ExitCode.notYet;
}

/** @param withStacks - shows where errors came from too */
export function reportText(report: TaskReport, withStacks: boolean, paint: Paint, width: number): string {
  const { taskId, state, result, error, progress, attempts } = report;
  const entries: Array<[name: string, value: string]> = [
    ['task', taskId],
    ['state', paintState(state, paint)],
  ];
  if (state === 'SUCCESS') entries.push(['result', JSON.stringify(result, undefined, 2)]);
  else if (progress !== null) entries.push(['progress', `${progress.state} ${JSON.stringify(progress.meta)}`]);
  if (error !== null)
    entries.push(['error', withStacks && error.stack !== null ? printable(error.stack) : errorText(error)]);
  if (attempts.length === 0) return fields(entries, paint);
  return `${fields(entries, paint)}\n\n${attemptsText(attempts, paint, width)}`;
}

function attemptsText(attempts: readonly StoredAttempt[], paint: Paint, width: number): string {
  const rows = attempts.map(({ number, worker, startedAt, finishedAt, outcome, error }) => [
    String(number),
    worker,
    timeText(startedAt),
    timeText(finishedAt),
    outcome === null ? '' : paintState(outcome, paint),
    error === null ? '' : errorLine(error),
  ]);
  return table(['RUN', 'WORKER', 'STARTED', 'ENDED', 'OUTCOME', 'ERROR'], rows, paint, width);
}
