import type { AsyncResult, CallOptions, TaskContract } from '@celeriac/tasks';
import type { Command } from 'commander';
import { brokerReady } from '../app/broker-ready.js';
import { noTaskText } from '../app/known-names.js';
import type { OpenApp } from '../app/open-app.js';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { jsonArray, jsonObject } from '../input/json-argument.js';
import { seconds, wholeNumber } from '../input/numbers.js';
import { secondsOrTime, time } from '../input/times.js';
import { exitCodeOf, reportOf, reportText } from './task-report.js';
import { waitForEnd } from './wait-for-end.js';
import { withApp } from './with-app.js';

interface Options extends Pick<
  CallOptions,
  'countdown' | 'eta' | 'expires' | 'queue' | 'exchange' | 'routingKey' | 'priority' | 'taskId'
> {
  args: unknown[];
  kwargs: Record<string, unknown>;
  wait?: number | true;
}

const EXAMPLES = `
Examples:
  celeriac call shop.bill --kwargs '{"order": 17}' --countdown 60
  celeriac call math.add --args '[2, 3]' --wait 10
  celeriac call python.add --args '[2, 3]' --queue celery`;

/** `celeriac call` */
export function addCall(program: Command): void {
  program
    .command('call')
    .summary('send a task')
    .description(
      'Sends a task and prints its id. A task that the app knows is checked as in code, and goes to the queue of its ' +
        'contract. Any other name needs --queue: that is for workers which are not of this app.',
    )
    .argument('<name>', "the task's name")
    .option('-a, --args <json>', 'positional arguments, a JSON array', jsonArray, [])
    .option('-k, --kwargs <json>', 'named arguments, a JSON object', jsonObject, {})
    .option('--countdown <seconds>', 'run it in so many seconds', seconds)
    .option('--eta <time>', 'run it then', time)
    .option('--expires <time>', 'do not start it after so many seconds, or after that time', secondsOrTime)
    .option('-Q, --queue <queue>', "another queue than the contract's")
    .option('--exchange <exchange>', "another exchange than the queue's")
    .option('--routing-key <key>', "another routing key than the queue's")
    .option('--priority <number>', 'of the message, 0 to 255', wholeNumber(0, 255))
    .option('--task-id <id>', 'its id; a task that has it already is left alone')
    .option('--wait [seconds]', 'wait until it has ended, so long at most, and show what became of it', seconds)
    .addHelpText('after', EXAMPLES)
    .action(
      withApp(async (app, terminal, name: string, { wait, ...options }: Options) => {
        const isReady = await brokerReady(app.broker);
        const { id, duplicate } = await send(app, name, options);
        if (!isReady) terminal.note('RabbitMQ is away: the task is written down, and goes out when it is back.');
        if (duplicate) terminal.note('It was there before: nothing was sent.');
        if (wait === undefined) {
          terminal.print({ id, duplicate }, () => id);
          return ExitCode.ok;
        }
        await waitForEnd(app, id, wait);
        const report = await reportOf(app, id);
        terminal.print(report, (paint, width) => reportText(report, false, paint, width));
        return exitCodeOf(report.state);
      }),
    );
}

async function send(app: OpenApp, name: string, { args, kwargs, ...options }: Options): Promise<AsyncResult> {
  const { contracts } = app;
  const contract = contracts.get(name);
  if (contract !== undefined) {
    const { bindArgs } = await import('@celeriac/tasks');
    return app.tasks.applyAsync(contract as TaskContract<object>, bindArgs(contract, args, kwargs), options);
  }
  if (options.queue !== undefined) return app.tasks.sendTask(name, args, kwargs, options);
  const names = [...contracts.keys()];
  throw new CommandError(
    ExitCode.usage,
    `${noTaskText(name, names)} Its tasks: ${names.join(', ')}. One that other workers run needs --queue.`,
  );
}
