import type { TaskFilter } from '@celeriac/tasks';
import type { Command } from 'commander';
import { assertBrokerReady } from '../app/broker-trouble.js';
import { assertQueues } from '../app/known-names.js';
import type { OpenApp } from '../app/open-app.js';
import { ExitCode } from '../exit-code.js';
import { list } from '../input/lists.js';
import { assertCanAsk, confirm } from '../terminal/confirm.js';
import { countText } from '../terminal/count-text.js';
import { ProgressBar } from '../terminal/progress-bar.js';
import type { Paint } from '../terminal/terminal.js';
import { withApp } from './with-app.js';

/** As many as one look of the store takes in. */
const PAGE = 10_000;
/** So few that nobody waits long for a task among them. */
const BATCH = 1000;

interface Options {
  queues?: string[];
  force?: boolean;
}

/** What was taken out of a queue. */
interface Purged {
  queue: string;
  /** Tasks that were ended as REVOKED. */
  tasks: number;
  /** Messages that were dropped. */
  messages: number;
}

/** `celeriac purge` */
export function addPurge(program: Command): void {
  program
    .command('purge')
    .summary('end all tasks that wait in queues')
    .description(
      'Ends all tasks that wait in queues as REVOKED, those too that are scheduled or to be tried again, and drops the ' +
        "queues' messages, those of other senders too. What is being run goes on. This cannot be undone.",
    )
    .option('-Q, --queues <queues>', 'these queues, commas between (default: all of the app)', list)
    .option('-f, --force', 'do not ask')
    .action(
      withApp(async (app, terminal, { queues: given, force = false }: Options) => {
        const queues = given ?? app.queues;
        assertQueues(queues, app.queues);
        if (!force) assertCanAsk('purge');
        // First: a queue whose tasks are ended and whose messages stay would be half a purge.
        await assertBrokerReady(app.broker);
        const waiting = await countWaiting(app, queues);
        if (!force && !(await confirm(question(queues, waiting)))) {
          terminal.note('Nothing was done.');
          return ExitCode.no;
        }
        const purged = await purge(app, waiting);
        terminal.print(purged, (paint) => purged.map((one) => purgedText(one, paint)).join('\n'));
        return ExitCode.ok;
      }),
    );
}

/** How many tasks wait, by queue. */
type Waiting = ReadonlyMap<string, number>;

function question(queues: readonly string[], waiting: Waiting): string {
  const count = [...waiting.values()].reduce((sum, each) => sum + each, 0);
  const places = queues.length === 1 ? `the queue ${queues[0]}` : `the queues ${queues.join(', ')}`;
  return `End ${countText(count, 'waiting task')} of ${places}, and drop all messages there?`;
}

async function countWaiting(app: OpenApp, queues: readonly string[]): Promise<Waiting> {
  const counts = new Map<string, number>();
  const bar = new ProgressBar();
  for (const queue of queues) {
    let count = 0;
    for await (const ids of waitingIn(app, queue)) bar.show(`Looking into ${queue}:`, (count += ids.length), null);
    counts.set(queue, count);
  }
  bar.clear();
  return counts;
}

/** The rows first: a message without its task is thrown away by whoever gets it, a task without its message comes back. */
async function purge(app: OpenApp, waiting: Waiting): Promise<Purged[]> {
  const purged: Purged[] = [];
  const bar = new ProgressBar();
  for (const [queue, count] of waiting) {
    let tasks = 0;
    for await (const ids of waitingIn(app, queue)) {
      tasks += await app.tasks.revokeWaiting(ids);
      bar.show(`Purging ${queue}`, tasks, Math.max(count, tasks));
    }
    purged.push({ queue, tasks, messages: await app.broker.purge(queue) });
  }
  bar.clear();
  return purged;
}

/** The ids of the tasks that wait in a queue, some at a time: from the newest on, so that new ones change nothing. */
async function* waitingIn(app: OpenApp, queue: string): AsyncGenerator<string[]> {
  const filter: TaskFilter = { states: ['PENDING', 'RETRY'], queue };
  let place: string | null = null;
  do {
    const { tasks, older } = await app.store.inspect.tasks(filter, PAGE, place);
    place = older;
    for (let start = 0; start < tasks.length; start += BATCH) {
      yield tasks.slice(start, start + BATCH).map(({ id }) => id);
    }
  } while (place !== null);
}

function purgedText({ queue, tasks, messages }: Purged, paint: Paint): string {
  return `${paint('bold', queue)}: ${countText(tasks, 'task')} ended, ${countText(messages, 'message')} dropped`;
}
