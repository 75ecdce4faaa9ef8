import type { Entry } from '@celeriac/schedule';
import type { Command } from 'commander';
import { noTaskText } from '../../app/known-names.js';
import { ExitCode } from '../../exit-code.js';
import { countText } from '../../terminal/count-text.js';
import { withBook } from './with-book.js';

/** So late beat is not, as long as one runs. */
const LATE_MS = 10_000;

interface Options {
  task?: string;
  enabled?: boolean;
  disabled?: boolean;
}

/** `celeriac schedule list` */
export function addList(schedule: Command): void {
  schedule
    .command('list')
    .summary('list periodic tasks')
    .description('Lists periodic tasks by their names. The task of one is shown where it is not called the same.')
    .option('--task <name>', 'those that send this task')
    .option('--enabled', 'those that are enabled')
    .option('--disabled', 'those that are disabled')
    .action(
      withBook(async ({ app, book }, terminal, { task, enabled = false, disabled = false }: Options) => {
        const { listText, reportOf } = await import('./list-text.js');
        const all = await book.list({ task });
        const entries = all.filter((entry) => enabled === disabled || entry.enabled === enabled);
        terminal.print(
          entries.map((entry) => reportOf(app, entry)),
          (paint, width) => listText(entries, paint, width),
        );
        const late = entries.filter(isLate);
        if (late.length > 0) terminal.note(lateText(late));
        const { contracts } = app;
        if (task !== undefined && all.length === 0 && !contracts.has(task)) {
          terminal.note(noTaskText(task, [...contracts.keys()]));
        }
        return ExitCode.ok;
      }),
    );
}

function isLate({ enabled, nextRunAt }: Entry): boolean {
  return enabled && nextRunAt !== null && nextRunAt.getTime() < Date.now() - LATE_MS;
}

function lateText({ length }: readonly Entry[]): string {
  return `${countText(length)} of them should have been sent by now: does beat run? celeriac beat`;
}
