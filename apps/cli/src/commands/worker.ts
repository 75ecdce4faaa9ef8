import type { Command } from 'commander';
import { list } from '../input/lists.js';
import { nodeName } from '../input/node-name.js';
import { seconds, wholeNumber } from '../input/numbers.js';
import type { WorkerOptions } from '../worker/run-worker.js';
import { WORKER_DEFAULTS } from '../worker/worker-defaults.js';
import { appFileOf } from './with-app.js';

const { concurrency, shutdownTimeoutMs } = WORKER_DEFAULTS;

const EXAMPLES = `
Examples:
  celeriac worker -Q mail,default -c 50 -n mails@%h
  celeriac worker --app dist/app.js`;

/** `celeriac worker` */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .summary('run tasks')
    .description(
      "Runs the app's handlers for the tasks of its queues, until it is stopped. The first SIGTERM or Ctrl-C waits for " +
        'what runs, the second one gives it back at once. Its log goes to stdout; ends with 0 when it was stopped.',
    )
    .option('-Q, --queues <queues>', 'consume these, commas between (default: what the app says, or all)', list)
    .option(
      '-c, --concurrency <count>',
      `so many tasks at a time (default: what the app says, or ${concurrency})`,
      wholeNumber(1),
    )
    .option(
      '-n, --hostname <name>',
      'node name; %h is the host, %n its name, %d its domain (default: what the app says, or celery@%h)',
      nodeName,
    )
    .option(
      '--prefetch-ahead <count>',
      'hold so many messages ready; 0 when tasks take long (default: what the app says, or 50)',
      wholeNumber(0),
    )
    .option(
      '--shutdown-timeout <seconds>',
      `a stop waits so long for what runs (default: what the app says, or ${shutdownTimeoutMs / 1000})`,
      seconds,
    )
    .option('-B, --beat', 'send periodic tasks when they are due, too')
    .addHelpText('after', EXAMPLES)
    .action(async (options: WorkerOptions, command: Command) => {
      const file = appFileOf(command);
      const { runWorker } = await import('../worker/run-worker.js');
      await runWorker(file, options);
    });
}
