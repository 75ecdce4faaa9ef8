import { parseArgs } from 'node:util';
import type { Scenario } from './scenario.js';

/** What the command line says. */
export interface Options {
  /** Names of scenarios; null: all. */
  only: string[] | null;
  /** A few tasks, one round: it shows that everything works. */
  quick: boolean;
  rounds: number;
  /** Where every figure is written to. */
  json: string | null;
  /** Folder for CPU profiles of all programs that Node runs. */
  cpuProf: string | null;
}

const HELP = `npm run bench -- [options]

  --only <names>   these scenarios, commas between
  --quick          few tasks, one round: shows that it works, measures nothing
  --rounds <n>     how often each runs (default: 3)
  --json <file>    writes every figure there
  --cpu-prof <dir> writes CPU profiles of what Node runs there, for Chrome's developer tools

Scenarios:`;

/** @returns the options; ends the process after --help, and when they make no sense */
export function readOptions(args: string[], scenarios: readonly Scenario[]): Options {
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        json: { type: 'string' },
        'cpu-prof': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return end(helpOf(scenarios), 0);
    const only = values.only?.split(',') ?? null;
    const unknown = only?.find((name) => !scenarios.some((scenario) => scenario.name === name));
    if (unknown !== undefined) throw new TypeError(`There is no scenario ${unknown}`);
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new TypeError(`--rounds is ${values.rounds}: expected 1 or more`);
    return { only, quick: values.quick, rounds, json: values.json ?? null, cpuProf: values['cpu-prof'] ?? null };
  } catch (error) {
    return end(`${error instanceof Error ? error.message : String(error)}.\n\n${helpOf(scenarios)}`, 2);
  }
}

function helpOf(scenarios: readonly Scenario[]): string {
  return [HELP, ...scenarios.map(({ name, what }) => `  ${name.padEnd(20)} ${what}`)].join('\n');
}

function end(text: string, exitCode: number): never {
  (exitCode === 0 ? console.log : console.error)(text);
  process.exit(exitCode);
}
