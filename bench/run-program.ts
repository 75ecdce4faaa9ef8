import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Entrant, Figures } from './scenario.js';

/** Debian's, which has its packages of Celery and Django. */
export const PYTHON = '/usr/bin/python3';

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
 * Runs an entrant's program once, until it says what it has measured; then it and its children are killed. It is told
 * its work by the environment: BENCH_TASKS, BENCH_VARIANT, DATABASE_URL, BROKER_URL, REDIS_URL.
 *
 * @param cpuProf - folder for a profile, if Node runs it
 * @throws {@link ProgramFailedError}
 */
export async function runProgram(
  { label, program, variant = '' }: Entrant,
  environment: Record<string, string>,
  cpuProf: string | null,
): Promise<ProgramResult> {
  const child = start(
    program,
    { ...process.env, NODE_ENV: 'production', BENCH_VARIANT: variant, ...environment },
    cpuProf,
  );
  const printed: string[] = [];
  const patience = setTimeout(() => endAll(child), PATIENCE_MS);
  let result: ProgramResult | null = null;
  child.stderr?.on('data', (text) => printed.push(String(text)));
  createInterface({ input: child.stdout as Readable }).on('line', (line) => {
    printed.push(`${line}\n`);
    result ??= parsed(line);
    // A profile is written at the end of a process, which one of ours comes to by itself.
    if (result !== null && cpuProf === null) endAll(child);
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(patience);
  endAll(child);
  if (result !== null) return result;
  throw new ProgramFailedError(
    label,
    `ended with ${code ?? signal}, and did not say what it measured`,
    printed.join(''),
  );
}

function start(program: string, env: NodeJS.ProcessEnv, cpuProf: string | null): ChildProcess {
  const profiling = cpuProf === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProf}`];
  const [command, ...args] = program.endsWith('.py') ? [PYTHON, program] : [process.execPath, ...profiling, program];
  // A group of its own, so that the children of a pool end with it.
  return spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
}

function endAll({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // They have ended.
  }
}

function parsed(line: string): ProgramResult | null {
  try {
    const result = JSON.parse(line) as Partial<ProgramResult>;
    return typeof result.figures === 'object' ? { figures: result.figures, settings: result.settings ?? '' } : null;
  } catch {
    return null;
  }
}
