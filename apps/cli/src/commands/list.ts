import type { TaskFilter, TaskPage, TaskState, TaskSummary } from '@celeriac/tasks';
import type { Command } from 'commander';
import { noQueueText, noTaskText } from '../app/known-names.js';
import type { OpenApp } from '../app/open-app.js';
import { ExitCode } from '../exit-code.js';
import { oneOf } from '../input/lists.js';
import { wholeNumber } from '../input/numbers.js';
import { timeOrAgo } from '../input/times.js';
import { errorLine } from '../terminal/error-text.js';
import { paintState } from '../terminal/paint-state.js';
import { oneLine } from '../terminal/printable.js';
import { ProgressBar } from '../terminal/progress-bar.js';
import { table } from '../terminal/table.js';
import type { Paint } from '../terminal/terminal.js';
import { timeText } from '../terminal/time-text.js';
import { withApp } from './with-app.js';

const STATES: TaskState[] = ['PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'];
/** Then it shows what it has, and how to go on. */
const SEARCH_MS = 3000;

const EXAMPLES = `
Examples:
  celeriac list --state FAILURE,RETRY --since 2h
  celeriac list --name shop.bill --limit 100 --json`;

interface Options {
  state?: TaskState[];
  name?: string;
  queue?: string;
  since?: Date;
  until?: Date;
  limit: number;
  before?: string;
}

/** `celeriac list` */
export function addList(program: Command): void {
  program
    .command('list')
    .summary('list tasks, the newest first')
    .description(
      'Lists tasks, the newest first. A search for what is rare in many tasks stops after some seconds, and says how to go on.',
    )
    .option('-s, --state <states>', `in one of these states, commas between: ${STATES.join(', ')}`, oneOf(STATES))
    .option('--name <name>', 'of this name')
    .option('-Q, --queue <queue>', 'in this queue')
    .option('--since <time>', 'sent then or later: a time, or how long ago (90s, 30m, 2h, 7d)', timeOrAgo)
    .option('--until <time>', 'sent before then', timeOrAgo)
    .option('-n, --limit <count>', 'so many at most', wholeNumber(1, 10_000), 20)
    .option('--before <place>', 'older than those of the list before: it says which place')
    .addHelpText('after', EXAMPLES)
    .action(
      withApp(async (app, terminal, { state: states, limit, before, ...rest }: Options) => {
        const page = await search(app, { states, ...rest }, limit, before);
        terminal.print(page, (paint, width) => listText(page.tasks, paint, width));
        if (!terminal.isJson) for (const note of notes(app, page, rest)) terminal.note(note);
        return ExitCode.ok;
      }),
    );
}

/** Goes on until there are enough, all have been looked at, or the time is over. */
async function search(app: OpenApp, filter: TaskFilter, limit: number, before: string | undefined): Promise<TaskPage> {
  const stopAtMs = performance.now() + SEARCH_MS;
  const bar = new ProgressBar();
  const tasks: TaskSummary[] = [];
  let older = before ?? null;
  do {
    const page = await app.store.inspect.tasks(filter, limit - tasks.length, older);
    tasks.push(...page.tasks);
    older = page.older;
    if (older !== null)
      bar.show(`Looking, back to ${older.slice(0, 19).replace('T', ' ')} UTC; found`, tasks.length, null);
  } while (older !== null && tasks.length < limit && performance.now() < stopAtMs);
  bar.clear();
  return { tasks, older };
}

function listText(tasks: readonly TaskSummary[], paint: Paint, width: number): string {
  if (tasks.length === 0) return 'No tasks.';
  const rows = tasks.map((task) => [
    task.id,
    timeText(task.createdAt),
    paintState(task.state, paint),
    task.queue,
    oneLine(task.name),
    remark(task),
  ]);
  return table(['TASK', 'SENT', 'STATE', 'QUEUE', 'NAME', ''], rows, paint, width);
}

/** What one would ask next: why it failed, who runs it, what it waits for. */
function remark({ state, error, worker, waitReason, dueAt }: TaskSummary): string {
  if (error !== null && state !== 'SUCCESS') return errorLine(error);
  if (state === 'STARTED' && worker !== null) return `on ${worker}`;
  if (dueAt === null) return '';
  return dueAt.getTime() > Date.now()
    ? `${waitReason ?? 'due'} until ${timeText(dueAt)}`
    : `due since ${timeText(dueAt)}`;
}

function notes(app: OpenApp, { tasks, older }: TaskPage, { name, queue }: Pick<Options, 'name' | 'queue'>): string[] {
  const found: string[] = [];
  if (older !== null) found.push(`There may be older ones: --before ${older}`);
  if (tasks.length > 0) return found;
  const { contracts, queues } = app;
  if (name !== undefined && !contracts.has(name)) found.push(noTaskText(name, [...contracts.keys()]));
  if (queue !== undefined && !queues.includes(queue)) found.push(noQueueText(queue, queues));
  return found;
}
