import { Random } from './random.js';

/** What a fault breaks. Two faults of one target never overlap; workers and web processes are targets one by one. */
export type FaultTarget = 'worker' | 'web' | 'rabbitmq' | 'postgres' | 'smtp';

interface FaultTraits {
  target: FaultTarget;
  /** How often it is drawn, compared with the others. */
  weight: number;
  /** Least and most seconds that it lasts, without what breaking and mending take by themselves. */
  lastsSeconds: [least: number, most: number];
  /** About how long breaking and mending take: the target is left alone for that long. */
  mendingSeconds: number;
}

/** The lease of the soak's workers: a frozen one must oversleep it. */
export const LEASE_SECONDS = 5;

/** Every kind of fault that there is. */
export const FAULTS = {
  'worker-kill': { target: 'worker', weight: 4, lastsSeconds: [0, 4], mendingSeconds: 2 },
  'worker-freeze': {
    target: 'worker',
    weight: 2,
    lastsSeconds: [LEASE_SECONDS + 1, LEASE_SECONDS + 5],
    mendingSeconds: 1,
  },
  'worker-restart': { target: 'worker', weight: 1, lastsSeconds: [0, 1], mendingSeconds: 10 },
  'web-kill': { target: 'web', weight: 3, lastsSeconds: [0, 3], mendingSeconds: 2 },
  'web-restart': { target: 'web', weight: 1, lastsSeconds: [0, 1], mendingSeconds: 10 },
  'rabbitmq-stop': { target: 'rabbitmq', weight: 1, lastsSeconds: [1, 6], mendingSeconds: 6 },
  'rabbitmq-kill': { target: 'rabbitmq', weight: 1, lastsSeconds: [0, 4], mendingSeconds: 10 },
  'rabbitmq-cut': { target: 'rabbitmq', weight: 2, lastsSeconds: [0, 0], mendingSeconds: 3 },
  'rabbitmq-blocked': { target: 'rabbitmq', weight: 1, lastsSeconds: [2, 6], mendingSeconds: 4 },
  'queue-delete': { target: 'rabbitmq', weight: 1, lastsSeconds: [0, 0], mendingSeconds: 3 },
  'postgres-restart': { target: 'postgres', weight: 1, lastsSeconds: [0, 4], mendingSeconds: 3 },
  'postgres-crash': { target: 'postgres', weight: 1, lastsSeconds: [0, 3], mendingSeconds: 4 },
  'postgres-cut': { target: 'postgres', weight: 2, lastsSeconds: [0, 0], mendingSeconds: 1 },
  'smtp-down': { target: 'smtp', weight: 1, lastsSeconds: [1, 6], mendingSeconds: 1 },
  'smtp-hang': { target: 'smtp', weight: 1, lastsSeconds: [1, 6], mendingSeconds: 1 },
  'smtp-slow': { target: 'smtp', weight: 1, lastsSeconds: [2, 8], mendingSeconds: 1 },
  'smtp-reset': { target: 'smtp', weight: 1, lastsSeconds: [1, 4], mendingSeconds: 1 },
  'smtp-cut-taken': { target: 'smtp', weight: 1, lastsSeconds: [1, 4], mendingSeconds: 1 },
  'smtp-cut-dropped': { target: 'smtp', weight: 1, lastsSeconds: [1, 4], mendingSeconds: 1 },
} as const satisfies Record<string, FaultTraits>;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** One fault that is to come. */
export interface PlannedFault {
  /** From 1, in the order of their times. */
  number: number;
  kind: FaultKind;
  /** Milliseconds after the start of the load. */
  atMs: number;
  lastsMs: number;
  /** Which worker or web process, from 0; always 0 for what there is one of. */
  victim: number;
}

export interface PlanOptions {
  seed: number;
  durationMs: number;
  /** Time between two faults on average. */
  everyMs: number;
  workers: number;
  webs: number;
  /** @defaultValue all */
  kinds?: readonly FaultKind[];
}

/**
 * Draws the faults of a run. The same options give the same plan. Kinds are drawn as from a bag: each has come as often
 * as its weight says before any comes again.
 */
export function planFaults(options: PlanOptions): PlannedFault[] {
  const random = new Random('plan', options.seed);
  const kinds = options.kinds ?? FAULT_KINDS;
  const busyUntil = new Map<string, number>();
  const faults: PlannedFault[] = [];
  let bag: FaultKind[] = [];
  for (
    let atMs = options.everyMs / 2;
    atMs < options.durationMs;
    atMs += options.everyMs * (0.3 + 1.4 * random.next())
  ) {
    if (bag.length === 0)
      bag = random.shuffle(kinds.flatMap((kind) => Array<FaultKind>(FAULTS[kind].weight).fill(kind)));
    const drawn = bag.map((kind) => draw(kind, options, random));
    const index = drawn.findIndex(
      ({ target, lastsMs }) => (busyUntil.get(target) ?? 0) <= atMs && atMs + lastsMs <= options.durationMs,
    );
    const fault = drawn[index];
    if (fault === undefined) continue;
    bag.splice(index, 1);
    const { kind, lastsMs, victim, target } = fault;
    busyUntil.set(target, atMs + lastsMs + FAULTS[kind].mendingSeconds * 1000);
    faults.push({ number: faults.length + 1, kind, atMs: Math.round(atMs), lastsMs, victim });
  }
  return faults;
}

function draw(kind: FaultKind, { workers, webs }: PlanOptions, random: Random) {
  const { target, lastsSeconds } = FAULTS[kind];
  const [least, most] = lastsSeconds;
  const count = target === 'worker' ? workers : target === 'web' ? webs : 1;
  const victim = random.between(0, count - 1);
  return { kind, lastsMs: random.between(least * 1000, most * 1000), victim, target: `${target} ${victim}` };
}
