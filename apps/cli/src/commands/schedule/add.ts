import type { InvalidEntryError } from '@celeriac/schedule';
import type { Command } from 'commander';
import { noTaskToSendText } from '../../app/known-names.js';
import type { OpenApp } from '../../app/open-app.js';
import { CommandError } from '../../command.error.js';
import { ExitCode } from '../../exit-code.js';
import { every } from '../../input/every.js';
import { jsonArray, jsonObject } from '../../input/json-argument.js';
import { decimal, seconds, wholeNumber } from '../../input/numbers.js';
import { time } from '../../input/times.js';
import { newEntry, sourceOf, type AddOptions } from './new-entry.js';
import { withBook, type BookOfApp } from './with-book.js';

const EXAMPLES = `
Examples:
  celeriac schedule add report shop.report \\
    --crontab '30 7 * * MON-FRI' --timezone Europe/Vienna
  celeriac schedule add clean-up shop.clean_up --every 30m --overlap skip
  celeriac schedule add greet shop.greet --at 2026-12-24T18:00:00+01:00
  celeriac schedule add lights house.lights \\
    --solar sunset --latitude 48.21 --longitude 16.37`;

/** `celeriac schedule add` */
export function addAdd(schedule: Command): void {
  const command = schedule
    .command('add')
    .summary('add a periodic task')
    .description(
      'Adds a periodic task, which sends a task whenever it is due. What cannot be sent, or would never be due, is refused.',
    )
    .argument('<name>', 'of the periodic task')
    .argument('<task>', "the task's name");
  addTimes(command);
  addSending(command);
  command
    .option('--description <text>', 'what it is for')
    .option('--disabled', 'as disabled: it is due when it is enabled')
    .addHelpText('after', EXAMPLES)
    .action(
      withBook(async (place, terminal, name: string, task: string, options: AddOptions) => {
        const { nextRunText, reportOf } = await import('./entry-report.js');
        const report = reportOf(place.app, await add(place, name, task, options));
        terminal.print(report, () => `Added: ${report.words?.times ?? ''}. ${nextRunText(report)}`);
        return ExitCode.ok;
      }),
    );
}

/** When it is due. */
function addTimes(command: Command): void {
  command
    .option('--crontab <crontab>', 'at these times: minute, hour, day of the month, month, day of the week')
    .option('--timezone <zone>', 'of the crontab, such as Europe/Vienna (default: what the app says, or UTC)')
    .option('--every <duration>', 'every so often (90s, 30m, 2h, 7d), counted from its start, or from now', every)
    .option('--at <time>', 'once, then', time)
    .option(
      '--solar <event>',
      'when the sun is there: sunrise, solar_noon, sunset, or dawn_ or dusk_ with civil, nautical or astronomical',
    )
    .option('--latitude <degrees>', 'of the place for --solar, north positive', decimal)
    .option('--longitude <degrees>', 'of that place, east positive', decimal)
    .option('--start <time>', 'not before then', time)
    .option('--end <time>', 'not from then on', time)
    .option('--one-off', 'disable it after its first run')
    .option(
      '--missed <what>',
      'for times at which no beat ran: skip, last (one task for the last of them) or all (default: last)',
    )
    .option('--jitter <seconds>', 'spread over so many seconds after it is due', seconds);
}

/** What is sent then. */
function addSending(command: Command): void {
  command
    .option('-a, --args <json>', 'positional arguments, a JSON array', jsonArray, [])
    .option('-k, --kwargs <json>', 'named arguments, a JSON object', jsonObject, {})
    .option('-Q, --queue <queue>', "another queue than the contract's")
    .option('--priority <number>', 'of the message, 0 to 255', wholeNumber(0, 255))
    .option('--headers <json>', 'of the message, a JSON object', jsonObject)
    .option('--expires <seconds>', 'do not start it after so many seconds', seconds)
    .option('--overlap <what>', 'while its last task has not ended: allow or skip (default: allow)');
}

async function add({ app, book }: BookOfApp, name: string, task: string, options: AddOptions) {
  const { InvalidEntryError } = await import('@celeriac/schedule');
  try {
    return await book.add(newEntry(name, task, options, book.timezone));
  } catch (error) {
    if (!(error instanceof InvalidEntryError)) throw error;
    throw new CommandError(ExitCode.usage, issuesText(error, app, task, options), { cause: error });
  }
}

/** Each field that makes no sense, as it is called on the command line. */
function issuesText({ issues }: InvalidEntryError, app: OpenApp, task: string, options: AddOptions): string {
  const { contracts } = app;
  const lines = issues.map(({ field, problem }) => {
    const isUnknown = field === 'task' && task !== '' && !contracts.has(task);
    const reason = isUnknown ? noTaskToSendText(task, [...contracts.keys()]) : `${problem}.`;
    return `${sourceOf(field, options)}: ${reason}`;
  });
  return lines.join('\n');
}
