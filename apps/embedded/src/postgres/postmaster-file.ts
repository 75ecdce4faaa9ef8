import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the server says of itself in its `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/**
 * Reads who serves a data folder.
 *
 * @param pgData The folder with the data.
 * @returns undefined when there is no such file, or it is not complete yet.
 */
export async function readPostmaster(pgData: string): Promise<Postmaster | undefined> {
  const text = await readFile(postmasterFile(pgData), 'utf8').catch(() => '');
  const [pid, , , port] = text.split('\n').map(Number);
  return pid && port ? { pid, port } : undefined;
}

/** Path of the file that a running server keeps in its data folder. */
export const postmasterFile = (pgData: string) => join(pgData, 'postmaster.pid');

/**
 * Whether the process is a live Postgres. After a kill or a reboot the file is left behind, and its pid may belong to
 * any other program by then. Where that cannot be told, any live process counts as one.
 */
export function isLivePostgres(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return /postgres/i.test(describeProcess(pid));
  } catch {
    return isAlive(pid);
  }
}

/** Whether there is a process with this id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function describeProcess(pid: number): string {
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
  if (process.platform === 'win32') return run('tasklist', '/FI', `PID eq ${pid}`, '/NH');
  if (process.platform !== 'linux') return run('ps', '-o', 'comm=', '-p', `${pid}`);
  const [, name = '', state] = /\((.*)\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  // A zombie has ended; only its parent has not noticed.
  return state === 'Z' ? '' : name;
}
