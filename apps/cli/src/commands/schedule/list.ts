import type { Command } from 'commander';
import { noTaskText } from '../../app/known-names.js';
import { ExitCode } from '../../exit-code.js';
import { withBook } from './with-book.js';

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
        const [{ listText, overdueNote }, { reportOf }] = await Promise.all([
          import('./list-text.js'),
          import('./entry-report.js'),
        ]);
        const all = await book.list({ task });
        const entries = all.filter((entry) => enabled === disabled || entry.enabled === enabled);
        terminal.print(
          entries.map((entry) => reportOf(app, entry)),
          (paint, width) => listText(entries, paint, width),
        );
        const note = overdueNote(entries);
        if (note !== null) terminal.note(note);
        const { contracts } = app;
        if (task !== undefined && all.length === 0 && !contracts.has(task)) {
          terminal.note(noTaskText(task, [...contracts.keys()]));
        }
        return ExitCode.ok;
      }),
    );
}
