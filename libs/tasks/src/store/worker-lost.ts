import type { TaskError } from './run-reports.js';

/** The error of a task that is given up, since its workers are gone. */
export const WORKER_LOST = {
  type: 'WorkerLostError',
  /** How many died or stopped while running it follows. */
  text: 'Workers that died or stopped while running it: ',
  /** Of a broadcast, which no other worker may run; the worker's name follows. */
  awayText: 'Its worker has not come back: ',
} as const;

/** @param deaths - how many workers they were */
export function workerLost(deaths: number): TaskError {
  return { type: WORKER_LOST.type, message: `${WORKER_LOST.text}${deaths}`, stack: null };
}

/** @param worker - whose run of a broadcast it was */
export function workerAway(worker: string): TaskError {
  return { type: WORKER_LOST.type, message: `${WORKER_LOST.awayText}${worker}`, stack: null };
}
