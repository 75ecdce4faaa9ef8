import type { TaskExplanation } from '@celeriac/tasks';
import type { Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { paintState } from '../terminal/paint-state.js';
import { oneLine, printable } from '../terminal/printable.js';
import { fields } from '../terminal/table.js';
import type { Paint } from '../terminal/terminal.js';
import { timeText } from '../terminal/time-text.js';
import { withApp } from './with-app.js';

/** `celeriac explain` */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .summary('say why a task has not started, or what it is doing')
    .description('Says why a task has not started, what it is doing, or how it has ended.')
    .argument('<id>', 'of the task')
    .action(
      withApp(async (app, terminal, id: string) => {
        const { explanationText } = await import('@celeriac/tasks');
        const explanation = await app.tasks.explain(id);
        terminal.print({ ...explanation, text: explanationText(explanation) }, (paint) =>
          reportText(explanation, explanationText(explanation, timeText), paint),
        );
        return ExitCode.ok;
      }),
    );
}

function reportText({ taskId, taskName, queue, state }: TaskExplanation, text: string, paint: Paint): string {
  const entries: Array<[name: string, value: string]> = [
    ['task', taskId],
    ['name', oneLine(taskName)],
    ['queue', queue],
    ['state', paintState(state, paint)],
  ];
  return `${fields(entries, paint)}\n\n${printable(text)}`;
}
