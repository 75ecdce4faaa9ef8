import { mkdtemp, chmod, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { disturbancesOf } from './disturbances.js';
import { FaultInjector } from './faults.js';
import { FormClient } from './form-client.js';
import { formNumberOf } from './forms.js';
import { Load } from './load.js';
import { planFaults, type FaultKind, type PlannedFault } from './plan.js';
import { isWell, sumUp, type SoakResult } from './report.js';
import { SmtpRecord } from './smtp-record.js';
import { SoakSystem } from './system.js';
import { isBad, readable, verify, writeEvidence, type VerifiedMail } from './verify.js';

export interface SoakOptions {
  seed: number;
  mails: number;
  /** For how long mails are sent and things are broken. */
  durationMs: number;
  /** Time between two faults on average. */
  faultEveryMs: number;
  onUncertain: 'hold' | 'resend';
  workers: number;
  webs: number;
  /** How long mails may take to settle when nothing is broken any more. What has not settled by then is lost. */
  settleTimeoutMs: number;
  /** @defaultValue all */
  kinds?: readonly FaultKind[];
  /** Cuts the run short: everything is ended, and {@link runSoak} throws. */
  signal: AbortSignal;
  /** Told now and then how it goes. */
  onProgress(line: string): void;
}

const PROGRESS_MS = 3000;
const SETTLE_POLL_MS = 1000;

/**
 * Sends mails through real processes while these and all around them break; then mends everything, waits until every
 * mail has settled, and compares each mail's page with what the SMTP server saw.
 */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-faults-'));
  await chmod(folder, 0o755);
  const run = new SoakRun(options, folder);
  let keepLogs = true;
  try {
    const result = await run.run();
    keepLogs = !isWell(result);
    return { ...result, logFolder: keepLogs ? folder : null };
  } catch (error) {
    keepLogs = !options.signal.aborted;
    if (keepLogs) options.onProgress(`The logs are in ${folder}`);
    throw error;
  } finally {
    await run.stop();
    if (!keepLogs) await rm(folder, { recursive: true, force: true });
  }
}

class SoakRun {
  private readonly deaths: string[] = [];
  private readonly record = new SmtpRecord((address) => this.decided(address));
  private system: SoakSystem | undefined;
  private injector: FaultInjector | undefined;
  private load: Load | undefined;
  private faultsOver: Promise<void> = Promise.resolve();
  private readonly over = new AbortController();
  /** Comes when the run is cut short, and when it is over. */
  private readonly signal: AbortSignal;
  private readonly startedAtMs = performance.now();

  constructor(
    private readonly options: SoakOptions,
    private readonly folder: string,
  ) {
    this.signal = AbortSignal.any([options.signal, this.over.signal]);
  }

  async run(): Promise<SoakResult> {
    const { signal } = this;
    this.options.onProgress('Starting Postgres, RabbitMQ, web and worker processes ...');
    const system = await SoakSystem.start({
      ...this.options,
      folder: this.folder,
      record: this.record,
      onDeath: (name, exit) => this.deaths.push(`${name}: ${exit}`),
    });
    this.system = system;
    signal.throwIfAborted();
    const client = new FormClient(system.webUrls, this.options.seed, signal);
    const ticker = setInterval(() => void this.tick(), PROGRESS_MS);
    try {
      await this.breakThings(system, client);
      signal.throwIfAborted();
      await this.settled(system);
    } finally {
      clearInterval(ticker);
      client.close();
    }
    signal.throwIfAborted();
    return this.judge(system, client);
  }

  async stop(): Promise<void> {
    this.over.abort();
    // What it has broken it mends first, or it would start again what is being ended.
    await this.faultsOver;
    await this.system?.stop();
  }

  /** Resolves when all mails have been accepted and all faults mended. */
  private async breakThings(system: SoakSystem, client: FormClient): Promise<void> {
    const { faultEveryMs: everyMs } = this.options;
    const plan: PlannedFault[] = planFaults({ ...this.options, everyMs });
    this.injector = new FaultInjector(system, this.signal);
    this.faultsOver = this.injector.run(plan);
    const { faultsOver } = this;
    this.load = new Load({ ...this.options, client, signal: this.signal, faultsOver });
    const loaded = this.load.run();
    await Promise.all([faultsOver, Promise.race([loaded, faultsOver])]);
    const mended = Promise.all([...system.webs, ...system.workers].map((app) => app.ready()));
    await this.inTime(Promise.all([loaded, mended]));
  }

  /** @throws Error when the work takes too long, though nothing is broken any more */
  private async inTime(work: Promise<unknown>): Promise<void> {
    const patience = new AbortController();
    const tooLong = async (): Promise<void> => {
      const signal = AbortSignal.any([patience.signal, this.signal]);
      await sleep(this.options.settleTimeoutMs, undefined, { signal });
      throw new Error('Nothing is broken any more, and still not every form is accepted or not every process works.');
    };
    await Promise.race([work, tooLong()]).finally(() => patience.abort());
  }

  private async settled(system: SoakSystem): Promise<void> {
    const { signal } = this;
    const deadlineMs = performance.now() + this.options.settleTimeoutMs;
    while (!signal.aborted && performance.now() < deadlineMs) {
      const { open } = await countTasks(system).catch(() => ({ open: undefined }));
      if (open === 0) return;
      await sleep(SETTLE_POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async judge(system: SoakSystem, client: FormClient): Promise<SoakResult> {
    const { seed, onUncertain, onProgress } = this.options;
    const { faults } = this.injector as FaultInjector;
    const { accepted } = this.load as Load;
    const judge = { onUncertain, disturbances: disturbancesOf(faults) };
    onProgress(`Comparing ${accepted.size} pages with what the SMTP server saw ...`);
    const verified = await verify({ seed, accepted, webUrls: system.webUrls, record: this.record, judge });
    await this.writeDown(system, verified);
    const injected = faults.filter(({ failure }) => failure === undefined);
    const counts: SoakResult['faults'] = {};
    for (const { kind } of injected) counts[kind] = (counts[kind] ?? 0) + 1;
    // One that nothing has been delivered after is not over yet.
    const nowMs = performance.now();
    const recoveries = injected.map(({ endedAtMs = nowMs, recoveredAtMs = nowMs }) => recoveredAtMs - endedAtMs);
    return {
      seed,
      onUncertain,
      faults: counts,
      faultFailures: faults.flatMap(({ kind, failure }) => (failure === undefined ? [] : [`${kind}: ${failure}`])),
      ...sumUp(verified.map(({ verdict }) => verdict)),
      longestRecoveryMs: Math.round(Math.max(0, ...recoveries)),
      deaths: this.deaths,
      strangeAnswers: Object.fromEntries(client.strangeAnswers),
      logFolder: null,
    };
  }

  private async writeDown(system: SoakSystem, verified: readonly VerifiedMail[]): Promise<void> {
    const faults = this.injector?.faults.map((fault) => readable(fault));
    await writeFile(join(this.folder, 'faults.json'), JSON.stringify(faults, null, 2));
    const bad = verified.filter(({ verdict }) => isBad(verdict));
    if (bad.length > 0) await writeEvidence(this.folder, bad, this.record, system.postgres);
  }

  private decided(address: string): void {
    const number = formNumberOf(address);
    const accepted = number === null ? undefined : this.load?.accepted.get(number);
    if (accepted !== undefined) this.injector?.decided(accepted.atMs);
  }

  private async tick(): Promise<void> {
    const { system, injector, load } = this;
    if (system === undefined || injector === undefined || load === undefined) return;
    const { settled } = await countTasks(system).catch(() => ({ settled: '?' }));
    const seconds = Math.round((performance.now() - this.startedAtMs) / 1000);
    const time = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
    const broken = injector.broken.join(', ') || 'nothing';
    this.options.onProgress(`${time}  accepted ${load.accepted.size}  settled ${settled}  broken: ${broken}`);
  }
}

async function countTasks({ postgres }: SoakSystem): Promise<{ settled: number; open: number }> {
  const [row] = await postgres.query<{ settled: number; open: number }>(
    `SELECT count(*) FILTER (WHERE over)::int AS settled, count(*) FILTER (WHERE NOT over)::int AS open
     FROM (SELECT state IN ('SUCCESS', 'FAILURE', 'REVOKED') AS over FROM task) AS tasks`,
  );
  return row ?? { settled: 0, open: 0 };
}
