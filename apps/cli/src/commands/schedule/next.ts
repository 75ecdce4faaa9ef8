import type { Command } from 'commander';
import { ExitCode } from '../../exit-code.js';
import { wholeNumber } from '../../input/numbers.js';
import { withBook } from './with-book.js';

/** `celeriac schedule next` */
export function addNext(schedule: Command): void {
  schedule
    .command('next')
    .summary('show when a periodic task is due next')
    .description(
      'Shows the next times at which a periodic task is due, in the time zone of its schedule (where that has none, of ' +
        'this machine) and in UTC. Ends with 1 when there are none.',
    )
    .argument('<name>', 'of the periodic task')
    .option('-n, --count <count>', 'so many', wholeNumber(1, 1000), 10)
    .action(
      withBook(async ({ book }, terminal, name: string, { count }: { count: number }) => {
        const { runsReport, runsText } = await import('./runs-text.js');
        const entry = await book.get(name);
        const runs = runsReport(entry, await book.next(name, count));
        terminal.print(runs, (paint, width) => runsText(runs, paint, width));
        if (!entry.enabled) terminal.note('It is disabled: these are the times if it were not.');
        return runs.length === 0 ? ExitCode.no : ExitCode.ok;
      }),
    );
}
