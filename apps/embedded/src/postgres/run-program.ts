import { spawn } from 'node:child_process';
import { EmbeddedPostgresCommandError } from './errors.js';
import type { ServerUser } from './server-user.js';

/** How a Postgres program is run. */
export interface RunOptions {
  /** Working folder; it must be one that the user can enter. */
  readonly cwd: string;
  /** The user to run as; undefined for the current one. */
  readonly user: ServerUser | undefined;
  /** What the program does, for the error message, for example `pg_ctl start`. */
  readonly title: string;
}

/** How long to wait for the rest of the output after the exit: a server may keep the pipe open. */
const OUTPUT_GRACE_MS = 200;

/**
 * Runs one program to its end, in a process group of its own (Ctrl-C in the terminal must not cut off a stop).
 *
 * @returns What it wrote to both of its outputs.
 * @throws EmbeddedPostgresCommandError when it cannot be run, or ends with another exit code than 0.
 */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { cwd, user, title } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: programEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const settle = (code: number | null) => {
      if (code === 0) resolve(output);
      else reject(new EmbeddedPostgresCommandError(title, code, output));
    };
    child.once('error', (error) => reject(new EmbeddedPostgresCommandError(title, null, error.message)));
    child.once('close', settle);
    child.once('exit', (code) => setTimeout(() => settle(code), OUTPUT_GRACE_MS).unref());
  });
}

/** The environment without the user's own PG... variables: PGDATA, PGPORT or PGOPTIONS would change what is run. */
function programEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  return { ...Object.fromEntries(entries), LC_ALL: 'C' };
}
