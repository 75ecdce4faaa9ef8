import type { Fault } from './faults.js';
import { FAULTS } from './plan.js';
import type { Disturbance } from './verdicts.js';

/** How long after the server's reply its outcome may still be unwritten, when the store is slow or away. */
const SETTLE_MS = 20_000;
/** A reply that was said so shortly before a link was cut may never have come. */
const IN_FLIGHT_MS = 200;
/** How long a fault may be felt after its end. */
const ECHO_MS = 3000;

/** The times in which a hand-over may have been cut short by one of these faults, without the SMTP server's doing. */
export function disturbancesOf(faults: readonly Fault[]): Disturbance[] {
  return faults.flatMap(({ kind, victim, startedAtMs, endedAtMs = Infinity }): Disturbance[] => {
    const { target } = FAULTS[kind];
    const fromMs = startedAtMs - SETTLE_MS;
    const toMs = endedAtMs + ECHO_MS;
    if (target === 'worker') return [{ worker: victim, fromMs, toMs }];
    if (target === 'postgres') return [{ worker: undefined, fromMs, toMs }];
    if (kind === 'smtp-down') return [{ worker: undefined, fromMs: startedAtMs - IN_FLIGHT_MS, toMs: startedAtMs }];
    return [];
  });
}
