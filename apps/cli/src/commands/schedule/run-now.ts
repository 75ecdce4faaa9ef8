import { noteBrokerTrouble } from '../../app/broker-trouble.js';
import type { Command } from 'commander';
import type { OpenApp } from '../../app/open-app.js';
import { CommandError } from '../../command.error.js';
import { ExitCode } from '../../exit-code.js';
import { seconds } from '../../input/numbers.js';
import { saySent } from '../say-sent.js';
import { withBook } from './with-book.js';

/** `celeriac schedule run-now` */
export function addRunNow(schedule: Command): void {
  schedule
    .command('run-now')
    .summary("send a periodic task's task now")
    .description(
      "Sends a periodic task's task now, whenever it is due and also if it is disabled, and prints the task's id. When " +
        'it is due next stays as it is.',
    )
    .argument('<name>', 'of the periodic task')
    .option('--wait [seconds]', 'wait until it has ended, so long at most, and show what became of it', seconds)
    .action(
      withBook(async ({ app, book }, terminal, name: string, { wait }: { wait?: number | true }) => {
        const { task } = await book.get(name);
        if (wait !== undefined) await assertEnds(app, task);
        await noteBrokerTrouble(app.broker, terminal);
        return saySent(app, terminal, { id: await book.runNow(name) }, wait);
      }),
    );
}

async function assertEnds({ contracts }: OpenApp, task: string): Promise<void> {
  const { isBroadcast } = await import('@celeriac/tasks');
  const contract = contracts.get(task);
  if (contract === undefined || !isBroadcast(contract)) return;
  throw new CommandError(ExitCode.usage, `${task} is a broadcast, which each worker runs: leave out --wait.`);
}
