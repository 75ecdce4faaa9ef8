import type { Fault } from './faults.js';
import { FAULTS, type FaultTarget } from './plan.js';
import type { Disturbances } from './verdicts.js';

/** How long it takes after the end of an outage until the workers have their connections again. */
const RECONNECT_MS = 2000;

/** What of these faults may have kept a reply from being written down. */
export function disturbancesOf(faults: readonly Fault[]): Disturbances {
  const of = (target: FaultTarget): Fault[] => faults.filter(({ kind }) => FAULTS[kind].target === target);
  return {
    workers: of('worker').map(({ victim, startedAtMs, endedAtMs = Infinity }) => ({
      worker: victim,
      fromMs: startedAtMs,
      toMs: endedAtMs,
    })),
    stores: of('postgres').map(({ startedAtMs, endedAtMs = Infinity }) => ({
      fromMs: startedAtMs,
      toMs: endedAtMs + RECONNECT_MS,
    })),
    cutsAtMs: of('smtp')
      .filter(({ kind }) => kind === 'smtp-down')
      .map(({ startedAtMs }) => startedAtMs),
  };
}
