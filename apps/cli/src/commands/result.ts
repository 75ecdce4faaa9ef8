import type { StoredAttempt, StoredResult, TaskError, TaskState } from '@celeriac/tasks';
import type { Command } from 'commander';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { paintState } from '../terminal/paint-state.js';
import { fields, table } from '../terminal/table.js';
import type { Paint } from '../terminal/terminal.js';
import { timeText } from '../terminal/time-text.js';
import { withApp } from './with-app.js';

interface Options {
  traceback?: boolean;
}

/** What is shown of a task. */
interface Report extends StoredResult {
  attempts: StoredAttempt[];
}

/** `celeriac result` */
export function addResult(program: Command): void {
  program
    .command('result')
    .summary('show what has become of a task')
    .description('Shows the state of a task, what it returned or why it failed, and its runs so far.')
    .argument('<id>', 'of the task')
    .option('--traceback', 'show the stacks of its errors too')
    .action(
      withApp(async (app, terminal, id: string, { traceback = false }: Options) => {
        const { outbox } = app.store;
        const [[result], attempts] = await Promise.all([outbox.results([id]), outbox.attempts(id)]);
        if (result === undefined) throw new CommandError(ExitCode.no, `There is no task ${id}.`);
        const report = { ...result, attempts };
        terminal.print(report, (paint, width) => reportText(report, traceback, paint, width));
        return exitCodeOf(result.state);
      }),
    );
}

/** A task that succeeded is a yes, one that has not ended is neither yes nor no. */
function exitCodeOf(state: TaskState): ExitCode {
  if (state === 'SUCCESS') return ExitCode.ok;
  return state === 'FAILURE' || state === 'REVOKED' ? ExitCode.no : ExitCode.notYet;
}

function reportText(report: Report, withStacks: boolean, paint: Paint, width: number): string {
  const { taskId, state, result, error, progress, attempts } = report;
  const entries: Array<[name: string, value: string]> = [
    ['task', taskId],
    ['state', paintState(state, paint)],
  ];
  if (state === 'SUCCESS') entries.push(['result', JSON.stringify(result, undefined, 2)]);
  else if (progress !== null) entries.push(['progress', `${progress.state} ${JSON.stringify(progress.meta)}`]);
  if (error !== null) entries.push(['error', errorText(error, withStacks)]);
  const runs = attempts.map((attempt) => [
    String(attempt.number),
    attempt.worker,
    timeText(attempt.startedAt),
    timeText(attempt.finishedAt),
    attempt.outcome === null ? '' : paintState(attempt.outcome, paint),
    attempt.error === null ? '' : errorText(attempt.error, false),
  ]);
  if (runs.length === 0) return fields(entries, paint);
  return `${fields(entries, paint)}\n\n${table(['RUN', 'WORKER', 'STARTED', 'ENDED', 'OUTCOME', 'ERROR'], runs, paint, width)}`;
}

function errorText({ type, message, stack }: TaskError, withStack: boolean): string {
  return withStack && stack !== null ? stack : `${type}: ${message}`;
}
