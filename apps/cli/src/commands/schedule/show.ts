import type { Command } from 'commander';
import { ExitCode } from '../../exit-code.js';
import { withBook } from './with-book.js';

const RUNS_SHOWN = 10;

/** `celeriac schedule show` */
export function addShow(schedule: Command): void {
  schedule
    .command('show')
    .summary('show a periodic task')
    .description(
      'Shows a periodic task: when it is due, what it sends, what became of the last task, where it comes from and, if ' +
        'it is disabled, why.',
    )
    .argument('<name>', 'of the periodic task')
    .action(
      withBook(async ({ app, book }, terminal, name: string) => {
        const { gatherDetails } = await import('./entry-details.js');
        const { detailsText } = await import('./show-text.js');
        const entry = await book.get(name);
        const details = await gatherDetails(app, entry, await book.next(name, RUNS_SHOWN));
        terminal.print(details, (paint, width) => detailsText(details, paint, width));
        return ExitCode.ok;
      }),
    );
}
