import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS, type FaultKind, type PlannedFault } from './plan.js';
import type { SmtpPhase } from './smtp-server.js';
import type { SoakSystem } from './system.js';

/** A fault as it came to pass. All times are of the monotonic clock. */
export interface Fault extends PlannedFault {
  startedAtMs: number;
  /** When it was mended: from here on the recovery counts. Undefined while it lasts. */
  endedAtMs: number | undefined;
  /** When the first mail was decided on that had been accepted after the end. */
  recoveredAtMs: number | undefined;
  /** Why it could not be injected. */
  failure: string | undefined;
}

const ENOUGH_MEMORY = '0.4';
const NO_MEMORY = '0.0000001';

type Hold = () => Promise<void>;
type Injection = (system: SoakSystem, victim: number, hold: Hold) => Promise<void>;

/** How each kind is done: break it, hold it, mend it. */
const INJECTIONS: Record<FaultKind, Injection> = {
  'worker-kill': (system, victim, hold) => endForAWhile(system.workers[victim], 'SIGKILL', hold),
  'worker-restart': (system, victim, hold) => endForAWhile(system.workers[victim], 'SIGTERM', hold),
  'worker-freeze': async (system, victim, hold) => {
    system.workers[victim]?.freeze();
    await hold();
    system.workers[victim]?.thaw();
  },
  'web-kill': (system, victim, hold) => endForAWhile(system.webs[victim], 'SIGKILL', hold),
  'web-restart': (system, victim, hold) => endForAWhile(system.webs[victim], 'SIGTERM', hold),
  'rabbitmq-stop': async ({ rabbitMq }, _victim, hold) => {
    await rabbitMq.stop();
    await hold();
    await rabbitMq.restart();
  },
  'rabbitmq-kill': async ({ rabbitMq }, _victim, hold) => {
    await rabbitMq.kill();
    await hold();
    await rabbitMq.boot();
  },
  'rabbitmq-cut': async ({ rabbitMq }) => {
    await rabbitMq.ctl('close_all_connections', 'a fault of the soak');
  },
  'rabbitmq-blocked': async ({ rabbitMq }, _victim, hold) => {
    await rabbitMq.ctl('set_vm_memory_high_watermark', NO_MEMORY);
    await hold();
    await rabbitMq.ctl('set_vm_memory_high_watermark', ENOUGH_MEMORY);
  },
  'queue-delete': async ({ rabbitMq }) => {
    await rabbitMq.ctl('delete_queue', 'mail');
  },
  'postgres-restart': async ({ postgres }, _victim, hold) => {
    await postgres.stop();
    await hold();
    await postgres.restart();
  },
  'postgres-crash': async ({ postgres }, _victim, hold) => {
    await postgres.powerCut();
    await hold();
    await postgres.restart();
  },
  'postgres-cut': ({ postgres }) => postgres.endConnections(),
  'smtp-down': (system, _victim, hold) => misbehave(system, 'down', hold),
  'smtp-hang': (system, _victim, hold) => misbehave(system, 'hang', hold),
  'smtp-slow': (system, _victim, hold) => misbehave(system, 'slow', hold),
  'smtp-reset': (system, _victim, hold) => misbehave(system, 'reset', hold),
  'smtp-cut-taken': (system, _victim, hold) => misbehave(system, 'cut-taken', hold),
  'smtp-cut-dropped': (system, _victim, hold) => misbehave(system, 'cut-dropped', hold),
};

async function endForAWhile(
  app: SoakSystem['workers'][number] | undefined,
  signal: 'SIGTERM' | 'SIGKILL',
  hold: Hold,
): Promise<void> {
  await app?.end(signal);
  await hold();
  app?.start();
}

async function misbehave({ smtp }: SoakSystem, phase: SmtpPhase, hold: Hold): Promise<void> {
  await smtp.enter(phase);
  await hold();
  await smtp.enter('up');
}

/** Carries out a plan of faults, and keeps a record of what came to pass. */
export class FaultInjector {
  readonly faults: Fault[] = [];
  /** The last fault of each target: the next one of the same waits for it, should mending take longer than planned. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    private readonly system: SoakSystem,
    private readonly signal: AbortSignal,
  ) {}

  /** What is broken now. */
  get broken(): FaultKind[] {
    return this.faults
      .filter(({ endedAtMs, failure }) => endedAtMs === undefined && failure === undefined)
      .map(({ kind }) => kind);
  }

  /** Resolves when the last fault has been mended. Ends early, with all mended, when the signal comes. */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    const startedAtMs = performance.now();
    for (const planned of plan) {
      await this.pause(startedAtMs + planned.atMs - performance.now());
      if (this.signal.aborted) break;
      const target = `${FAULTS[planned.kind].target} ${planned.victim}`;
      const before = this.turns.get(target) ?? Promise.resolve();
      this.turns.set(
        target,
        before.then(() => this.inject(planned)),
      );
    }
    await Promise.all(this.turns.values());
  }

  /** Notes that a mail was decided on: faults that had ended before it was accepted are recovered from. */
  decided(acceptedAtMs: number): void {
    for (const fault of this.faults) {
      if (fault.recoveredAtMs === undefined && fault.endedAtMs !== undefined && fault.endedAtMs < acceptedAtMs) {
        fault.recoveredAtMs = performance.now();
      }
    }
  }

  private async inject(planned: PlannedFault): Promise<void> {
    if (this.signal.aborted) return;
    const fault: Fault = {
      ...planned,
      startedAtMs: performance.now(),
      endedAtMs: undefined,
      recoveredAtMs: undefined,
      failure: undefined,
    };
    this.faults.push(fault);
    try {
      await INJECTIONS[fault.kind](this.system, fault.victim, () => this.pause(fault.lastsMs));
      fault.endedAtMs = performance.now();
    } catch (error) {
      fault.failure = String(error);
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    await sleep(Math.max(0, milliseconds), undefined, { signal: this.signal }).catch(() => undefined);
  }
}
