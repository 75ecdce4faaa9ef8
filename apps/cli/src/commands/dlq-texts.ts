import type { DeadLetter, DiscardOutcome, HandledLetter, SendBackOutcome } from '@celeriac/tasks';
import { countText } from '../terminal/count-text.js';
import { oneLine, printable } from '../terminal/printable.js';
import { fields, table } from '../terminal/table.js';
import type { Paint } from '../terminal/terminal.js';
import { timeText } from '../terminal/time-text.js';

type Outcome = SendBackOutcome | DiscardOutcome;

const WORDS: Record<Outcome, string> = {
  sent: 'sent back',
  stale: 'stays: its task has moved on (it was sent back before, runs, or has succeeded)',
  revoked: 'stays: its task was revoked',
  expired: 'stays: its task has expired',
  duplicate: 'stays: another task holds its unique key',
  no_origin: 'stays: it does not say where it came from',
  refused: 'stays: Postgres cannot store it',
  discarded: 'discarded',
  missing: 'not there, or somebody else is looking at it',
};

/** How many dead letters each queue has. */
export function countsText(
  counts: ReadonlyArray<{ queue: string; count: number }>,
  paint: Paint,
  width: number,
): string {
  const rows = counts.map(({ queue, count }) => [queue, countText(count)]);
  return table(['QUEUE', 'LETTERS'], rows, paint, width);
}

/** One line for each letter. */
export function listText(letters: readonly DeadLetter[], paint: Paint, width: number): string {
  if (letters.length === 0) return 'No dead letters.';
  const rows = letters.map(({ id, diedAt, taskName, reason }) => [
    id,
    timeText(diedAt),
    printable(taskName ?? ''),
    oneLine(reason),
  ]);
  return table(['LETTER', 'DIED', 'NAME', 'REASON'], rows, paint, width);
}

/** All of one letter. */
export function letterText(letter: DeadLetter, paint: Paint): string {
  const { id, taskId, taskName, reason, diedAt, origin, generation, sizeBytes, headers, body } = letter;
  return fields(
    [
      ['letter', id],
      ['task', printable(taskId ?? '')],
      ['name', printable(taskName ?? '')],
      ['reason', paint('red', printable(reason))],
      ['died', timeText(diedAt)],
      [
        'origin',
        origin === null ? '' : `queue ${origin.queue}, exchange ${origin.exchange || "''"}, key ${origin.routingKey}`,
      ],
      ['generation', generation === null ? '' : String(generation)],
      ['size', countText(sizeBytes, 'byte')],
      ['headers', printable(JSON.stringify(headers, undefined, 2))],
      ['body', body === null ? 'no text: --raw has it' : textOf(body)],
    ],
    paint,
  );
}

/** How many letters have come to what; and which, unless all is as it was to be. */
export function handledText(handled: ReadonlyArray<HandledLetter<Outcome>>, paint: Paint, width: number): string {
  if (handled.length === 0) return 'No dead letters.';
  const isDone = ({ outcome }: HandledLetter<Outcome>): boolean => outcome === 'sent' || outcome === 'discarded';
  const done = handled.filter(isDone);
  const [first] = done;
  const lines = first === undefined ? [] : [`${countText(done.length)} ${WORDS[first.outcome]}.`];
  const others = handled.filter((letter) => !isDone(letter)).map(({ id, outcome }) => [id, WORDS[outcome]]);
  if (others.length > 0) lines.push(table(['LETTER', ''], others, paint, width));
  return lines.join('\n\n');
}

function textOf(body: NonNullable<DeadLetter['body']>): string {
  return printable(typeof body === 'string' ? body : JSON.stringify(body, undefined, 2));
}
