import type { DeadLetterQueues, LetterProgress } from '@celeriac/tasks';
import type { Command } from 'commander';
import { assertBrokerReady } from '../app/broker-trouble.js';
import { assertQueues } from '../app/known-names.js';
import type { OpenApp } from '../app/open-app.js';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { wholeNumber } from '../input/numbers.js';
import { assertCanAsk, confirm } from '../terminal/confirm.js';
import { countText } from '../terminal/count-text.js';
import { ProgressBar } from '../terminal/progress-bar.js';
import { countsText, handledText, letterText, listText } from './dlq-texts.js';
import { withApp } from './with-app.js';

interface DiscardOptions {
  all?: boolean;
  force?: boolean;
}

/** `celeriac dlq` */
export function addDlq(program: Command): void {
  const dlq = program
    .command('dlq')
    .summary('look after dead letters')
    .description(
      'Lists and shows messages that no worker could run, sends them back to where they came from, or discards them.',
    );
  addList(dlq);
  addShow(dlq);
  addSendBack(dlq);
  addDiscard(dlq);
}

function addList(dlq: Command): void {
  dlq
    .command('list')
    .summary('list the dead letters of a queue, or how many each queue has')
    .description('Lists the dead letters of a queue, the oldest first; without a queue, how many each has.')
    .argument('[queue]', 'whose dead letters')
    .option('-n, --limit <count>', 'so many at most, the oldest', wholeNumber(1), 100)
    .action(
      withApp(async (app, terminal, queue: string | undefined, { limit }: { limit: number }) => {
        const letters = await open(app, queue);
        if (queue === undefined) {
          const counts = Array.from(await letters.counts(), ([name, count]) => ({ queue: name, count }));
          terminal.print(counts, (paint, width) => countsText(counts, paint, width));
        } else {
          const listed = await letters.list(queue, { limit });
          terminal.print(listed, (paint, width) => listText(listed, paint, width));
          if (listed.length === limit) terminal.note(`There may be more of them: --limit ${limit * 10}`);
        }
        return ExitCode.ok;
      }),
    );
}

function addShow(dlq: Command): void {
  dlq
    .command('show')
    .summary('show a dead letter')
    .description('Shows a dead letter: whose it is, why it died, and its message.')
    .argument('<queue>', 'whose dead letter')
    .argument('<id>', 'of the letter')
    .option('--raw', "write the body's bytes as they came, with whatever is secret in them")
    .action(
      withApp(async (app, terminal, queue: string, id: string, { raw = false }: { raw?: boolean }) => {
        const letter = await (await open(app, queue)).get(queue, id);
        if (letter === undefined) throw new CommandError(ExitCode.no, `${queue} has no dead letter ${id}.`);
        if (raw) process.stdout.write(letter.raw);
        else terminal.print(letter, (paint) => letterText(letter, paint));
        return ExitCode.ok;
      }),
    );
}

function addSendBack(dlq: Command): void {
  dlq
    .command('send-back')
    .summary('send dead letters back to where they came from')
    .description(
      'Sends dead letters back to where they came from: their tasks begin anew. Ends with 1 when one of them stays; ' +
        'it may be discarded.',
    )
    .argument('<queue>', 'whose dead letters')
    .argument('[ids...]', 'of the letters')
    .option('--all', 'all that are there')
    .action(
      withApp(async (app, terminal, queue: string, ids: string[], { all = false }: { all?: boolean }) => {
        const choice = choiceOf(ids, all);
        const letters = await open(app, queue);
        const handled = await withBar('Sending back', (tell) => letters.sendBack(queue, choice, tell));
        terminal.print(handled, (paint, width) => handledText(handled, paint, width));
        return handled.every(({ outcome }) => outcome === 'sent') ? ExitCode.ok : ExitCode.no;
      }),
    );
}

function addDiscard(dlq: Command): void {
  dlq
    .command('discard')
    .summary('discard dead letters')
    .description('Discards dead letters; their tasks stay as they have ended. This cannot be undone.')
    .argument('<queue>', 'whose dead letters')
    .argument('[ids...]', 'of the letters')
    .option('--all', 'all that are there')
    .option('-f, --force', 'do not ask')
    .action(
      withApp(async (app, terminal, queue: string, ids: string[], { all = false, force = false }: DiscardOptions) => {
        const choice = choiceOf(ids, all);
        const letters = await open(app, queue);
        if (all && !force && !(await confirmAll(letters, queue))) {
          terminal.note('Nothing was done.');
          return ExitCode.no;
        }
        const handled = await withBar('Discarding', (tell) => letters.discard(queue, choice, tell));
        terminal.print(handled, (paint, width) => handledText(handled, paint, width));
        return handled.every(({ outcome }) => outcome === 'discarded') ? ExitCode.ok : ExitCode.no;
      }),
    );
}

/** @param queue - of the app; absent: none in particular */
async function open(app: OpenApp, queue: string | undefined): Promise<DeadLetterQueues> {
  if (queue !== undefined) assertQueues([queue], app.queues);
  await assertBrokerReady(app.broker);
  return app.deadLetters;
}

function choiceOf(ids: readonly string[], all: boolean): readonly string[] | 'all' {
  if (all === ids.length > 0) throw new CommandError(ExitCode.usage, 'Expected the ids of letters, or --all.');
  return all ? 'all' : ids;
}

async function confirmAll(letters: DeadLetterQueues, queue: string): Promise<boolean> {
  assertCanAsk('discard --all');
  const count = (await letters.counts()).get(queue) ?? 0;
  return confirm(`Discard ${countText(count, 'dead letter')} of ${queue}?`);
}

async function withBar<Result>(label: string, work: (tell: LetterProgress) => Promise<Result>): Promise<Result> {
  const bar = new ProgressBar();
  try {
    return await work((handled, total) => bar.show(label, handled, total));
  } finally {
    bar.clear();
  }
}
