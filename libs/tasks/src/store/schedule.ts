import type { TaskRequest } from '../protocol/index.js';
import type { NewTask } from './task-store.js';

/** When a task is to run, as its caller says it. Null: not said. */
export interface Schedule {
  /** Counts more than `eta`. */
  countdownSeconds: number | null;
  eta: Date | null;
  /** A number: in so many seconds. */
  expires: number | Date | null;
}

/** @returns it for the task's row: what counts from now is counted by Postgres's clock */
export function rowSchedule({
  countdownSeconds,
  eta,
  expires,
}: Schedule): Pick<NewTask, 'eta' | 'countdownMs' | 'expiresAt' | 'expiresInMs'> {
  return {
    eta: countdownSeconds === null ? eta : null,
    countdownMs: countdownSeconds === null ? null : countdownSeconds * 1000,
    expiresAt: expires instanceof Date ? expires : null,
    expiresInMs: typeof expires === 'number' ? expires * 1000 : null,
  };
}

/** @returns it for the task's message, which says times alone, by the sender's clock; workers of ours go by the row */
export function messageSchedule({ countdownSeconds, eta, expires }: Schedule): Pick<TaskRequest, 'eta' | 'expires'> {
  const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);
  return {
    eta: countdownSeconds === null ? eta : inSeconds(countdownSeconds),
    expires: typeof expires === 'number' ? inSeconds(expires) : expires,
  };
}
