import type { AsyncResult, BroadcastContract, CallOptions, TaskContract } from '@celeriac/tasks';
import type { Command } from 'commander';
import { noteBrokerTrouble } from '../app/broker-trouble.js';
import { noTaskToSendText } from '../app/known-names.js';
import type { OpenApp } from '../app/open-app.js';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { flagOf } from '../input/flag-of.js';
import { jsonArray, jsonObject } from '../input/json-argument.js';
import { seconds, wholeNumber } from '../input/numbers.js';
import { secondsOrTime, time } from '../input/times.js';
import type { Terminal } from '../terminal/terminal.js';
import { saySent } from './say-sent.js';
import { withApp } from './with-app.js';

interface Options extends Pick<
  CallOptions,
  'countdown' | 'eta' | 'expires' | 'queue' | 'exchange' | 'routingKey' | 'priority' | 'taskId'
> {
  args: unknown[];
  kwargs: Record<string, unknown>;
  wait?: number | true;
}

/** A broadcast goes where its contract says, and has no end of its own: each worker's run has. */
const NOT_OF_BROADCASTS = ['queue', 'exchange', 'routingKey', 'wait'] as const;

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
        'contract. Any other name needs --queue, or a route: that is for workers which are not of this app. A broadcast goes to each worker.',
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
        const { isBroadcast } = await import('@celeriac/tasks');
        const contract = app.contracts.get(name);
        if (contract !== undefined && isBroadcast(contract)) {
          return broadcast(app, terminal, contract as BroadcastContract<object>, { wait, ...options });
        }
        await noteBrokerTrouble(app.broker, terminal);
        const { id, duplicate } = await send(app, name, options);
        if (duplicate) terminal.note('It was there before: nothing was sent.');
        return saySent(app, terminal, { id, duplicate }, wait);
      }),
    );
}

async function broadcast(
  app: OpenApp,
  terminal: Terminal,
  contract: BroadcastContract<object>,
  { args, kwargs, ...options }: Options,
): Promise<ExitCode> {
  const refused = NOT_OF_BROADCASTS.find((option) => options[option] !== undefined);
  if (refused !== undefined) {
    throw new CommandError(
      ExitCode.usage,
      `${contract.name} is a broadcast, which each worker runs: leave out ${flagOf(refused)}.`,
    );
  }
  const { bindArgs } = await import('@celeriac/tasks');
  const { id, workers } = await app.tasks.broadcast(contract, bindArgs(contract, args, kwargs), options);
  terminal.note(
    workers.length === 0
      ? 'No worker of its queue is alive: nobody may run it.'
      : `To ${workers.join(', ')}; each has a run of its own: celeriac result ${id}@<worker>.`,
  );
  terminal.print({ id, workers }, () => id);
  return ExitCode.ok;
}

async function send(app: OpenApp, name: string, { args, kwargs, ...options }: Options): Promise<AsyncResult> {
  const { contracts } = app;
  const contract = contracts.get(name);
  const { bindArgs, TaskRouter } = await import('@celeriac/tasks');
  if (contract !== undefined) {
    return app.tasks.applyAsync(contract as TaskContract<object>, bindArgs(contract, args, kwargs), options);
  }
  const { queue, exchange } = app.get(TaskRouter).route(name, kwargs, options);
  if (queue !== undefined || exchange !== undefined) return app.tasks.sendTask(name, args, kwargs, options);
  throw new CommandError(ExitCode.usage, noTaskToSendText(name, [...contracts.keys()]));
}
