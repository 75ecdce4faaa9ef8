import { parseArgs } from 'node:util';

export const HELP = `npm run bench:beat -- [options]

How late periodic tasks are, from when they are due until they are committed, and what beat costs. Real Postgres, with
its commits on the disk, and real RabbitMQ; beats, servers and this client share one machine: compare numbers of the
same run only.

  --entries <n>     periodic tasks (10000)
  --seconds <n>     for how long the spread ones are measured (20)
  --beats <n,...>   how many beat processes, one measurement each (1,2)
  --json <file>     writes the numbers there, too
  --help            this text
`;

/** What `npm run bench:beat` is told. */
export interface BeatBenchOptions {
  entries: number;
  seconds: number;
  beats: number[];
  json: string | undefined;
  help: boolean;
}

/** An option that makes no sense. */
export class UsageError extends Error {}

/** @throws {@link UsageError} */
export function readOptions(args: string[]): BeatBenchOptions {
  const { values } = parse(args);
  return {
    entries: whole('entries', values.entries),
    seconds: whole('seconds', values.seconds),
    beats: values.beats.split(',').map((count) => whole('beats', count)),
    json: values.json,
    help: values.help,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        entries: { type: 'string', default: '10000' },
        seconds: { type: 'string', default: '20' },
        beats: { type: 'string', default: '1,2' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UsageError(`--${name} is a whole number from 1 on, not ${JSON.stringify(text)}.`);
}
