import type { Entry } from '@celeriac/schedule';
import type { Command } from 'commander';
import { ExitCode } from '../../exit-code.js';
import { assertCanAsk, confirm } from '../../terminal/confirm.js';
import { withBook } from './with-book.js';

/** `celeriac schedule remove` */
export function addRemove(schedule: Command): void {
  schedule
    .command('remove')
    .summary('remove a periodic task')
    .description(
      'Removes a periodic task; tasks that were sent go on. One that comes from the code is there again when beat ' +
        'starts next: disable it instead. This cannot be undone.',
    )
    .argument('<name>', 'of the periodic task')
    .option('-f, --force', 'do not ask')
    .action(
      withBook(async ({ book }, terminal, name: string, { force = false }: { force?: boolean }) => {
        if (!force) assertCanAsk('remove');
        const entry = await book.get(name);
        if (!force && !(await confirm(question(entry)))) {
          terminal.note('Nothing was done.');
          return ExitCode.no;
        }
        await book.remove(name);
        terminal.print({ removed: name }, () => 'Removed.');
        if (force && entry.declared !== null) terminal.note(COMES_BACK);
        return ExitCode.ok;
      }),
    );
}

const COMES_BACK = 'It comes from the code, and is there again when beat starts next.';

function question({ name, declared }: Entry): string {
  const comesBack = declared === null ? '' : `${COMES_BACK} To have it stay away: celeriac schedule disable.\n`;
  return `${comesBack}Remove "${name}"?`;
}
