import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, Delivery } from '../broker/broker.js';
import { decodeTaskMessage, UndecodableMessageError } from '../protocol/index.js';
import { classifyStoreError } from '../store/store-errors.js';
import type { ClaimAnswer, ClaimRequest } from '../store/task-store.js';
import type { RegisteredHandler } from './handlers/handler-registry.js';
import { HandBacks } from './hand-backs.js';
import { Inbox, claimRequest, type Waiting } from './inbox.js';
import { LoopMonitor } from './loop-monitor.js';
import { Quarantine } from './quarantine.js';
import { queueGate } from './queue-gate.js';
import { RateLimits } from './rate-limits.js';
import { RevokeWatch } from './revoke-watch.js';
import { WorkerStoppedError } from './task-errors.js';
import { earlyMs, mayRunAgain, TaskRun } from './task-run.js';
import { threadGate } from './threads/thread-gate.js';
import type { TaskWorkerOptions, TaskWorkerParts } from './task-worker-options.js';
import { taskLabel } from './worker-log.js';

const PREFETCH_AHEAD = 50;
/** A handed-back task comes again this long after the lease in its way has run out. */
const LEASE_MARGIN_MS = 500;
const CLAIM_PAUSE_MS = 500;
/** When a suspect comes again that could not run alone here. */
const SUSPECT_PAUSE_MS = 30_000;
/** RabbitMQ closes the channel over a delivery that nobody acknowledges for 30 minutes (its `consumer_timeout`). */
const ACK_WITHIN_MS = 20 * 60_000;
/** How many looks at the age of deliveries there are in that time. */
const LOOKS = 10;

/**
 * Takes deliveries, claims their tasks in Postgres and has them run, many at a time. At most as many deliveries are
 * claimed as there are free slots; the rest wait unclaimed, so STARTED means started. Nothing is acknowledged before
 * what became of it has been committed.
 */
export class TaskWorker {
  private readonly inbox = new Inbox();
  private readonly active = new Map<string, TaskRun>();
  private readonly quarantine = new Quarantine({ onOpen: () => this.pump() });
  private readonly handBacks: HandBacks;
  private readonly rateLimits: RateLimits;
  private readonly revokeWatch: RevokeWatch;
  private readonly patience = new AbortController();
  private readonly ackWithinMs: number;
  private looking: NodeJS.Timeout | undefined;
  private readonly pending = new Set<Promise<void>>();
  private readonly loopMonitor: LoopMonitor;
  private consumers: Consumer[] = [];
  private claimsFail = false;
  private pumping: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly parts: TaskWorkerParts,
    private readonly options: TaskWorkerOptions,
  ) {
    this.loopMonitor = new LoopMonitor(() => this.active.values(), parts.log);
    this.handBacks = new HandBacks(parts.store);
    this.rateLimits = new RateLimits(parts.handlers, parts.log);
    this.revokeWatch = new RevokeWatch(this.active, parts);
    this.ackWithinMs = options.ackWithinMs ?? ACK_WITHIN_MS;
  }

  /** Takes the lease, wakes the tasks that waited for this worker's handlers, then consumes. */
  async start(): Promise<void> {
    const { broadcasts, broker, router, lease, store, handlers } = this.parts;
    await broadcasts.warnOfNamesakes();
    await lease.start(() => [...this.active.keys()]);
    this.loopMonitor.start();
    await store.wake([...handlers.keys()], 'no_handler');
    const { queues, concurrency, prefetchAhead = PREFETCH_AHEAD } = this.options;
    const consuming = {
      prefetch: concurrency + prefetchAhead,
      onDelivery: (delivery: Delivery): void => this.receive(delivery),
      onBroken: this.parts.onBroken,
    };
    const consumers = queues.map((queue) => {
      // What is held ready, no message of a higher priority can overtake.
      const prefetch = router.hasPriorities(queue) ? concurrency : consuming.prefetch;
      return broker.consume({ ...consuming, queue, prefetch });
    });
    this.consumers = [...consumers, ...broadcasts.consume(consuming)];
    this.looking = setInterval(() => this.letGoOfOldDeliveries(), this.ackWithinMs / LOOKS);
  }

  /** Why tasks that come are not run, in one line; null while the lease is held and every queue delivers. */
  get trouble(): string | null {
    if (this.stopping !== undefined) return 'The worker is stopping.';
    if (this.looking === undefined) return 'The worker is starting.';
    if (!this.parts.lease.valid) return 'The worker has no lease: it cannot write to the database.';
    return this.consumers.find(({ trouble }) => trouble !== null)?.trouble ?? null;
  }

  /** Resolves when nothing of what was delivered is being claimed, run or handed back any more. */
  async idle(): Promise<void> {
    while (this.pumping !== undefined || this.pending.size > 0) await Promise.all([this.pumping, ...this.pending]);
  }

  /**
   * Stops: no new deliveries; what runs may finish within the time given, the rest is aborted and given back; what has
   * finished is written down. A second call waits for the first.
   */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  /** Stops without waiting for what runs: that is aborted and given back. Also for a stop that waits already. */
  stopNow(): Promise<void> {
    this.patience.abort();
    return this.stop();
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.looking);
    await Promise.all(this.consumers.map((consumer) => consumer.cancel()));
    await this.pumping;
    this.inbox.clear();
    this.quarantine.end();
    const { signal } = this.patience;
    await Promise.race([
      this.idle(),
      sleep(this.options.shutdownTimeoutMs, undefined, { signal }).catch(() => undefined),
    ]);
    this.patience.abort();
    this.revokeWatch.stop();
    await Promise.allSettled([this.giveBackActive(), this.parts.store.close()]);
    await this.parts.threads.close();
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    this.loopMonitor.stop();
    await this.parts.lease.stop();
  }

  private async giveBackActive(): Promise<void> {
    // What has come to its end is being written down: given back, it would be done twice.
    const runs = [...this.active.values()].filter(({ isDecided }) => !isDecided);
    if (runs.length === 0) return;
    const what = runs.length === 1 ? '1 task is' : `${runs.length} tasks are`;
    this.parts.log.warn(`Stopping: ${what} still running, and given back.`);
    for (const run of runs) run.abort.abort(new WorkerStoppedError());
    // The message of a task that may run once at most stays: whoever gets it finds the claim of a worker that is gone.
    const again = runs.filter((run) => run.mayRunAgain);
    await Promise.all(again.map((run) => this.handBacks.giveUp(run.delivery, run.claim, 0, null)));
  }

  private receive(delivery: Delivery): void {
    if (this.stopping !== undefined) return;
    try {
      this.inbox.add({ delivery, request: decodeTaskMessage(delivery.message), deliveredAtMs: performance.now() });
    } catch (error) {
      if (!(error instanceof UndecodableMessageError)) throw error;
      this.track(this.parts.deadLetters.bury(delivery, error.message));
    }
    this.pump();
  }

  /** Starts claiming, in a microtask: deliveries that come in the same turn are claimed together. */
  private pump(): void {
    this.pumping ??= Promise.resolve().then(() => this.claimWhilePossible());
  }

  private async claimWhilePossible(): Promise<void> {
    while (this.mayClaim()) {
      const isThreadFree = threadGate(this.parts.handlers, this.active, this.parts.threads.size);
      const isSlotFree = queueGate(this.options.slots, this.active);
      const taken = this.inbox.take(this.freeSlots, (waiting) => isSlotFree(waiting) && isThreadFree(waiting));
      if (taken.length === 0) break;
      const batch = taken.filter((waiting) => !this.isRunningAlready(waiting));
      if (batch.length > 0) await this.claim(batch);
    }
    // In the same turn as the last look: a delivery that comes later starts it anew.
    this.pumping = undefined;
  }

  private mayClaim(): boolean {
    return this.stopping === undefined && !this.quarantine.closed && this.inbox.size > 0 && this.freeSlots > 0;
  }

  private get freeSlots(): number {
    return this.options.concurrency - this.active.size;
  }

  /** A message that is delivered again while its task runs here: adopted if its old delivery is gone, else a double. */
  private isRunningAlready({ delivery, request, deliveredAtMs }: Waiting): boolean {
    const run = this.active.get(request.id);
    if (run === undefined || run.request.generation !== request.generation) return false;
    if (run.delivery === delivery) return true;
    if (run.delivery.alive) delivery.ack();
    else Object.assign(run, { delivery, deliveredAtMs, isMessageGone: false });
    return true;
  }

  private letGoOfOldDeliveries(): void {
    const before = performance.now() - this.ackWithinMs;
    this.inbox.releaseDelivered(before);
    for (const run of this.active.values()) {
      if (run.deliveredAtMs > before || run.isMessageGone) continue;
      run.isMessageGone = true;
      // The message comes again and again while the run goes on, so that whoever outlives this worker finds the task.
      this.track(this.handBacks.putOff(run.delivery, run.claim, LEASE_MARGIN_MS));
    }
  }

  private async claim(batch: Waiting[]): Promise<void> {
    try {
      if (!this.parts.lease.valid) throw new Error('the lease has run out');
      const requests = await Promise.all(batch.map((waiting) => this.claimRequestFor(waiting)));
      const answers = await this.parts.store.claim(requests);
      this.claimsFail = false;
      batch.forEach((waiting, index) => this.dispatch(waiting, answers[index] as ClaimAnswer));
      this.quarantine.advance(this.active.size);
    } catch (error) {
      if (classifyStoreError(error) === 'data') return this.isolate(batch, error);
      this.inbox.putBack(batch);
      if (!this.claimsFail) this.parts.log.warn(`Tasks cannot be claimed at the moment: ${String(error)}`);
      this.claimsFail = true;
      await sleep(CLAIM_PAUSE_MS);
    }
  }

  private async claimRequestFor(waiting: Waiting): Promise<ClaimRequest> {
    const handler = this.parts.handlers.get(waiting.request.name);
    return claimRequest(waiting, {
      rateLimit: await this.rateLimits.find(waiting.request),
      isRunning: this.active.has(waiting.request.id),
      mayRunAgain: handler === undefined || mayRunAgain(handler.contract),
      retentionSeconds: handler?.contract.retention ?? null,
      followUpsOf: this.parts.followUps.afterClaim({ request: waiting.request, queue: waiting.delivery.queue }),
    });
  }

  /** Nothing was claimed, since Postgres refuses one of them: one by one, then. */
  private async isolate(batch: Waiting[], error: unknown): Promise<void> {
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) {
      this.track(this.parts.deadLetters.bury(first.delivery, `The database refuses it: ${String(error)}`));
    } else {
      for (const waiting of batch) await this.claim([waiting]);
    }
  }

  private dispatch(waiting: Waiting, claim: ClaimAnswer): void {
    const { delivery, request } = waiting;
    const { log, deadLetters } = this.parts;
    switch (claim.verdict) {
      case 'run':
        return this.begin(waiting, claim);
      case 'again':
        return this.inbox.putBack([waiting]);
      case 'leased':
        return this.track(this.handBacks.putOff(delivery, claim, claim.leaseRemainingMs + LEASE_MARGIN_MS));
      case 'missing':
        return this.track(deadLetters.bury(delivery, `There is no row for task ${request.id} in this database.`));
      case 'lost':
        log.error(`${taskLabel(request)} failed: its worker died or stopped in the middle (${claim.deaths}).`);
        return delivery.ack();
      case 'stale':
      case 'rate_limited':
      case 'expired':
      case 'revoked':
        return delivery.ack();
    }
  }

  private begin(waiting: Waiting, claim: ClaimAnswer): void {
    const { delivery, request } = waiting;
    const dueInMs = earlyMs(request);
    if (dueInMs > 0) return this.track(this.handBacks.giveUp(delivery, claim, dueInMs, 'scheduled'));
    const handler = this.parts.handlers.get(request.name);
    if (handler === undefined) {
      this.parts.log.warn(`There is no handler for task ${request.name} here: it waits for a worker that has one.`);
      return this.track(this.handBacks.park(delivery, claim));
    }
    if (claim.deaths === 0) return this.run(waiting, claim, handler);
    this.quarantine.hold({
      run: () => this.run(waiting, claim, handler),
      giveBack: () => this.track(this.handBacks.giveUp(delivery, claim, SUSPECT_PAUSE_MS, 'lease')),
    });
  }

  private run(waiting: Waiting, claim: ClaimAnswer, handler: RegisteredHandler): void {
    const run = new TaskRun(waiting, claim, handler.contract);
    this.active.set(run.request.id, run);
    this.revokeWatch.watch();
    this.track(
      this.parts.executor.execute(run, handler).finally(() => {
        // A run of the task that began in the meantime stays: hooks may take longer than the wait for a retry.
        if (this.active.get(run.request.id) === run) this.active.delete(run.request.id);
        this.quarantine.advance(this.active.size);
        this.pump();
      }),
    );
  }

  private track(work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => this.parts.log.error(String(error)));
    this.pending.add(tracked);
    void tracked.then(() => this.pending.delete(tracked));
  }
}
