import type { OpenApp } from '../app/open-app.js';
import { ExitCode } from '../exit-code.js';
import type { Terminal } from '../terminal/terminal.js';
import { exitCodeOf, reportOf, reportText } from './task-report.js';
import { waitForEnd } from './wait-for-end.js';

/**
 * Prints the id of a task that was sent; or waits for its end, and prints what became of it.
 *
 * @param sent - what JSON has
 * @param wait - seconds; true: for ever
 */
export async function saySent(
  app: OpenApp,
  terminal: Terminal,
  sent: { id: string; duplicate?: boolean },
  wait: number | true | undefined,
): Promise<ExitCode> {
  const { id } = sent;
  if (wait === undefined) {
    terminal.print(sent, () => id);
    return ExitCode.ok;
  }
  terminal.note(`Waiting for task ${id}.`);
  await waitForEnd(app, id, wait);
  const report = await reportOf(app, id);
  terminal.print(report, (paint, width) => reportText(report, false, paint, width));
  return exitCodeOf(report.state);
}
