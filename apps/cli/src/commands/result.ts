import type { Command } from 'commander';
import { seconds } from '../input/numbers.js';
import { exitCodeOf, reportOf, reportText } from './task-report.js';
import { waitForEnd } from './wait-for-end.js';
import { withApp } from './with-app.js';

interface Options {
  wait?: number | true;
  traceback?: boolean;
}

/** `celeriac result` */
export function addResult(program: Command): void {
  program
    .command('result')
    .summary('show what has become of a task')
    .description(
      'Shows the state of a task, what it returned or why it failed, and its runs so far. Ends with 0 when it is ' +
        'SUCCESS, 1 when it is FAILURE or REVOKED or there is none, 75 when it has not ended.',
    )
    .argument('<id>', "the task's id")
    .option('--wait [seconds]', 'wait until it has ended, so long at most', seconds)
    .option('--traceback', 'show the stacks of its errors too')
    .action(
      withApp(async (app, terminal, id: string, { wait, traceback = false }: Options) => {
        if (wait !== undefined) await waitForEnd(app, id, wait);
        const report = await reportOf(app, id);
        terminal.print(report, (paint, width) => reportText(report, traceback, paint, width));
        return exitCodeOf(report.state);
      }),
    );
}
