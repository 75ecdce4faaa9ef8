import type { TaskError } from './run-reports.js';

/** The error of a task that is given up, since workers died or stopped while running it; how many follows the text. */
export const WORKER_LOST = {
  type: 'WorkerLostError',
  text: 'Workers that died or stopped while running it: ',
} as const;

/** @param deaths - how many workers they were */
export function workerLost(deaths: number): TaskError {
  return { type: WORKER_LOST.type, message: `${WORKER_LOST.text}${deaths}`, stack: null };
}
