import type { Command } from 'commander';
import { CommandError } from '../../command.error.js';
import { ExitCode } from '../../exit-code.js';
import { withBook } from './with-book.js';

/** `celeriac schedule enable` */
export function addEnable(schedule: Command): void {
  schedule
    .command('enable')
    .summary('have a periodic task sent again')
    .description('Enables a periodic task. What it has missed meanwhile is not made up for.')
    .argument('<name>', 'of the periodic task')
    .action(
      withBook(async ({ app, book }, terminal, name: string) => {
        const { reportOf, nextRunText } = await import('./entry-report.js');
        const entry = await book.enable(name);
        terminal.print(reportOf(app, entry), () => `Enabled. ${nextRunText(entry)}`);
        return ExitCode.ok;
      }),
    );
}

/** `celeriac schedule disable` */
export function addDisable(schedule: Command): void {
  schedule
    .command('disable')
    .summary('have a periodic task not sent any more')
    .description('Disables a periodic task. One that comes from the code stays disabled, too.')
    .argument('<name>', 'of the periodic task')
    .action(
      withBook(async ({ app, book }, terminal, name: string) => {
        const { reportOf } = await import('./entry-report.js');
        await book.disable(name);
        terminal.print(reportOf(app, await book.get(name)), () => 'Disabled. Tasks that were sent go on.');
        return ExitCode.ok;
      }),
    );
}

/** `celeriac schedule reset` */
export function addReset(schedule: Command): void {
  schedule
    .command('reset')
    .summary('have a periodic task be as the code says')
    .description('Takes back what was changed in the database of a periodic task that comes from the code.')
    .argument('<name>', 'of the periodic task')
    .action(
      withBook(async ({ app, book }, terminal, name: string) => {
        const { changedFields } = await import('@celeriac/schedule');
        const { reportOf, nextRunText } = await import('./entry-report.js');
        const before = await book.get(name);
        if (before.declared === null) {
          throw new CommandError(ExitCode.no, `"${name}" does not come from the code: there is nothing to go back to.`);
        }
        const changed = changedFields(before);
        const entry = await book.reset(name);
        const what = changed.length === 0 ? 'Nothing was changed' : `As the code says: ${changed.join(', ')}`;
        terminal.print(reportOf(app, entry), () => `${what}. ${nextRunText(entry)}`);
        return ExitCode.ok;
      }),
    );
}
