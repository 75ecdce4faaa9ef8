import type { Command } from 'commander';
import { brokerTrouble } from '../app/broker-trouble.js';
import { ExitCode } from '../exit-code.js';
import { fields } from '../terminal/table.js';
import { withApp } from './with-app.js';

/** `celeriac report` */
export function addReport(program: Command): void {
  program
    .command('report')
    .summary('show versions and settings, for a bug report')
    .description(
      'Shows the versions of all that is involved, and the queues, tasks, annotations and routes of the app, for a bug report. ' +
        'No addresses, no passwords.',
    )
    .action(
      withApp(async (app, terminal) => {
        const { gatherReport } = await import('../app/gather-report.js');
        // It names addresses, which a report has none of.
        const trouble = await brokerTrouble(app.broker);
        if (trouble !== null) terminal.note(trouble);
        const report = await gatherReport(app);
        const entries = Object.entries(report).map(([name, value]): [string, string] => [name, valueText(value)]);
        terminal.print(report, (paint) => fields(entries, paint));
        return ExitCode.ok;
      }),
    );
}

/** One line for each thing in it. */
function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(String).join('\n');
  const lines = Object.entries(value).map(([name, each]) =>
    typeof each === 'object' && each !== null ? `${name} ${JSON.stringify(each)}` : `${name} ${String(each)}`,
  );
  return lines.length === 0 ? 'none' : lines.join('\n');
}
