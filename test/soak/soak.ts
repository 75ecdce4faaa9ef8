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
  /** @defaultValue all */
  kinds?: readonly FaultKind[];
  /** Cuts the run short: everything is ended, and {@link runSoak} throws. */
  signal: AbortSignal;
  /** Told now and then how it goes. */
  onProgress(line: string): void;
}

/** How long mails may take to settle when nothing is broken any more. What has not settled by then is lost. */
const SETTLE_TIMEOUT_MS = 10 * 60_000;
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
  private readonly startedAtMs = performance.now();

  constructor(
    private readonly options: SoakOptions,
    private readonly folder: string,
  ) {}

  async run(): Promise<SoakResult> {
    const { signal, onProgress } = this.options;
    onProgress('Starting Postgres, RabbitMQ, web and worker processes ...');
    const system = await SoakSystem.start({
      ...this.options,
      folder: this.folder,
      record: this.record,
      onDeath: (name, exit) => this.deaths.push(`${name}: ${exit}`),
    });
    this.system = system;
    signal.throwIfAborted();
    const client = new FormClient(system.webUrls, signal);
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
    await this.system?.stop();
  }

  /** Resolves when all mails have been accepted and all faults mended. */
  private async breakThings(system: SoakSystem, client: FormClient): Promise<void> {
    const { faultEveryMs: everyMs } = this.options;
    const plan: PlannedFault[] = planFaults({ ...this.options, everyMs });
    this.injector = new FaultInjector(system, this.options.signal);
    const faultsOver = this.injector.run(plan);
    this.load = new Load({ ...this.options, client, faultsOver });
    await Promise.all([this.load.run(), faultsOver]);
    await Promise.race([
      Promise.all([...system.webs, ...system.workers].map((app) => app.ready())),
      sleep(SETTLE_TIMEOUT_MS, undefined, { signal: this.options.signal, ref: false }).catch(() => undefined),
    ]);
  }

  private async settled(system: SoakSystem): Promise<void> {
    const { mails, signal } = this.options;
    const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS;
    while (!signal.aborted && performance.now() < deadlineMs && (await countSettled(system)) < mails) {
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
    const recoveries = injected.map(({ endedAtMs = 0, recoveredAtMs = endedAtMs }) => recoveredAtMs - endedAtMs);
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
    const settled = await countSettled(system).catch(() => '?');
    const seconds = Math.round((performance.now() - this.startedAtMs) / 1000);
    const time = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
    const broken = injector.broken.join(', ') || 'nothing';
    this.options.onProgress(`${time}  accepted ${load.accepted.size}  settled ${settled}  broken: ${broken}`);
  }
}

async function countSettled({ postgres }: SoakSystem): Promise<number> {
  const [row] = await postgres.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM task WHERE state IN ('SUCCESS', 'FAILURE', 'REVOKED')`,
  );
  return row?.count ?? 0;
}
