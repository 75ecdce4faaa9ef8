import type { WorkerStatus } from '@celeriac/tasks';
import type { Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { oneLine } from '../terminal/printable.js';
import { table } from '../terminal/table.js';
import type { Paint } from '../terminal/terminal.js';
import { timeText } from '../terminal/time-text.js';
import { withApp } from './with-app.js';

/** `celeriac status` */
export function addStatus(program: Command): void {
  program
    .command('status')
    .summary('list the workers that are alive, and what they run')
    .description(
      'Lists the workers that are alive, and what they run. A worker says so every few seconds (a third of its lease), ' +
        'so what has just begun may be missing. Ends with 69 when no worker is alive.',
    )
    .action(
      withApp(async (app, terminal) => {
        const workers = await app.store.inspect.workers();
        terminal.print(workers, (paint, width) => statusText(workers, paint, width));
        return workers.length === 0 ? ExitCode.unavailable : ExitCode.ok;
      }),
    );
}

function statusText(workers: readonly WorkerStatus[], paint: Paint, width: number): string {
  if (workers.length === 0) return 'No worker is alive.';
  const living = workers.map(({ name, pid, queues, concurrency, startedAt, running }) => [
    name,
    String(pid),
    timeText(startedAt),
    `${running.length} of ${concurrency}`,
    queues.join(', '),
  ]);
  const running = workers.flatMap(({ name, running: tasks }) =>
    tasks.map((task) => [task.id, timeText(task.startedAt), name, oneLine(task.name)]),
  );
  const workerTable = table(['WORKER', 'PID', 'SINCE', 'RUNS', 'QUEUES'], living, paint, width);
  if (running.length === 0) return workerTable;
  return `${workerTable}\n\n${table(['TASK', 'SINCE', 'WORKER', 'NAME'], running, paint, width)}`;
}
