import { parseArgs } from 'node:util';
import { isWell, jsonLine, table } from './report.js';
import { runSoak, type SoakOptions } from './soak.js';

const HELP = `npm run faults -- [options]

Sends mails through real processes while workers, web, RabbitMQ, Postgres and the SMTP server break at random, then
proves that every mail that was accepted has one true end. Ends with 1 when any was lost, doubled, or shown wrongly.

  --minutes <n>            for how long mails are sent and things break (5)
  --mails <n>              how many, at an even pace (20000)
  --seed <n>               the same seed has the same faults and mails (drawn, and printed)
  --every <seconds>        time between two faults on average (4)
  --workers <n>            worker processes (3)
  --webs <n>               web processes (2)
  --on-uncertain <what>    hold, or resend what may have been sent already (hold)
  --json                   the last line is the result as JSON
  --help                   this text
`;

/** For the mails that are still on their way when all has been mended: retries wait for some seconds. */
const SETTLE_TIMEOUT_MS = 5 * 60_000;
/** Exit code of a command that was given wrong options, as shells have it. */
const USAGE_EXIT_CODE = 2;
/** 128 + SIGINT, as shells have it. */
const INTERRUPTED_EXIT_CODE = 130;

class UsageError extends Error {}

function readOptions(): Omit<SoakOptions, 'signal' | 'onProgress'> & { json: boolean; help: boolean } {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      mails: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      every: { type: 'string', default: '4' },
      workers: { type: 'string', default: '3' },
      webs: { type: 'string', default: '2' },
      'on-uncertain': { type: 'string', default: 'hold' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const onUncertain = values['on-uncertain'];
  if (onUncertain !== 'hold' && onUncertain !== 'resend') {
    throw new UsageError(`--on-uncertain is hold or resend, not ${JSON.stringify(onUncertain)}.`);
  }
  return {
    durationMs: number('minutes', values.minutes, 0.1) * 60_000,
    mails: whole('mails', values.mails, 1),
    seed: whole('seed', values.seed, 0),
    faultEveryMs: number('every', values.every, 0.5) * 1000,
    workers: whole('workers', values.workers, 1),
    webs: whole('webs', values.webs, 1),
    settleTimeoutMs: SETTLE_TIMEOUT_MS,
    onUncertain,
    json: values.json,
    help: values.help,
  };
}

function number(name: string, text: string, least: number): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || value < least) {
    throw new UsageError(`--${name} is a number of at least ${least}, not ${JSON.stringify(text)}.`);
  }
  return value;
}

function whole(name: string, text: string, least: number): number {
  const value = number(name, text, least);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} is a whole number, not ${JSON.stringify(text)}.`);
  return value;
}

function showProgress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001B[K${line}`);
  else console.log(line);
}

async function main(): Promise<number> {
  const { json, help, ...options } = readOptions();
  if (help) {
    console.log(HELP);
    return 0;
  }
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());
  const { signal } = interruption;
  console.log(`Seed ${options.seed}: ${options.mails} mails in ${options.durationMs / 60_000} minutes.`);
  try {
    const result = await runSoak({ ...options, signal, onProgress: showProgress });
    console.log(`${process.stdout.isTTY ? '\n' : ''}\n${table(result)}\n`);
    if (result.logFolder !== null) console.log(`Something was wrong. The logs are in ${result.logFolder}\n`);
    if (json) console.log(jsonLine(result));
    return isWell(result) ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    console.log('\nCut short: everything is stopped.');
    return INTERRUPTED_EXIT_CODE;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  console.error(isUsage ? `${(error as Error).message}\n\n${HELP}` : error);
  process.exitCode = isUsage ? USAGE_EXIT_CODE : 1;
}
