import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Entrant, Figures } from './scenario.js';

/** What a program prints as its last line, as JSON. */
export interface ProgramResult {
  figures: Figures;
  /** How it was set up, for readers: versions, prefetch, concurrency. */
  settings: string;
}

/** A program that has not done what it was for. */
export class ProgramFailedError extends Error {
  override readonly name = 'ProgramFailedError';

  constructor(
    readonly label: string,
    readonly reason: string,
    readonly printed: string,
  ) {
    super(`${label} ${reason}. It printed:\n${printed}`);
  }
}

/** Longer than the slowest peer takes. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Runs an entrant's program once. It is told its work by the environment: BENCH_TASKS, BENCH_VARIANT, DATABASE_URL,
 * BROKER_URL, REDIS_URL; what it says about its progress goes to its stderr.
 *
 * @param cpuProf - folder for a profile, if Node runs it
 * @throws {@link ProgramFailedError}
 */
export async function runProgram(
  { label, program, variant = '' }: Entrant,
  environment: Record<string, string>,
  cpuProf: string | null,
): Promise<ProgramResult> {
  const profiling = cpuProf === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProf}`];
  const [command, ...args] = program.endsWith('.py')
    ? ['/usr/bin/python3', program]
    : [process.execPath, ...profiling, program];
  const child = spawn(command, args, {
    env: { ...process.env, NODE_ENV: 'production', BENCH_VARIANT: variant, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  const printed: string[] = [];
  let last = '';
  createInterface({ input: child.stderr }).on('line', (line) => printed.push(line));
  createInterface({ input: child.stdout }).on('line', (line) => printed.push((last = line)));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const failed = (reason: string): ProgramFailedError =>
    new ProgramFailedError(label, reason, printed.slice(-30).join('\n'));
  if (code !== 0) throw failed(`ended with ${code ?? signal}`);
  return parsed(last) ?? (await Promise.reject(failed('did not say what it measured')));
}

function parsed(line: string): ProgramResult | null {
  try {
    const result = JSON.parse(line) as Partial<ProgramResult>;
    return typeof result.figures === 'object' ? { figures: result.figures, settings: result.settings ?? '' } : null;
  } catch {
    return null;
  }
}
