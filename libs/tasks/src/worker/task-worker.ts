import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, Consumer, Delivery } from '../broker/broker.js';
import { decodeTaskMessage, UndecodableMessageError } from '../protocol/index.js';
import { classifyStoreError } from '../store/store-errors.js';
import type { ClaimAnswer, WaitReason, WorkerStore } from '../store/task-store.js';
import type { DeadLetters } from './dead-letters.js';
import type { RegisteredHandler } from './handler-registry.js';
import { Inbox, claimRequest, type Waiting } from './inbox.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { TaskExecutor } from './task-executor.js';
import { LoopMonitor } from './loop-monitor.js';
import { continuedMessage } from './settlement.js';
import { WorkerStoppedError } from './task-errors.js';
import { TaskRun } from './task-run.js';
import type { WorkerLog } from './worker-log.js';

/** Deliveries beyond the running ones that are held ready, so that a free slot never waits for the broker. */
const PREFETCH_AHEAD = 50;
/** A handed-back task comes again this long after the lease in its way has run out. */
const LEASE_MARGIN_MS = 500;
const FIRST_PARK_MS = 30_000;
const LONGEST_PARK_MS = 600_000;
const CLAIM_PAUSE_MS = 500;

export interface TaskWorkerOptions {
  queues: string[];
  /** How many tasks run at a time. */
  concurrency: number;
  /** How long a stop waits for running tasks before it aborts them and gives them back. */
  shutdownTimeoutMs: number;
}

/** What a worker is made of. */
export interface TaskWorkerParts {
  broker: Broker;
  store: WorkerStore;
  lease: LeaseKeeper;
  deadLetters: DeadLetters;
  executor: TaskExecutor;
  /** By task name. */
  handlers: Map<string, RegisteredHandler>;
  log: WorkerLog;
}

/**
 * Takes deliveries, claims their tasks in Postgres and has them run, many at a time. At most as many deliveries are
 * claimed as there are free slots; the rest wait unclaimed, so STARTED means started. Nothing is acknowledged before
 * what became of it has been committed.
 */
export class TaskWorker {
  private readonly inbox = new Inbox();
  private readonly active = new Map<string, TaskRun>();
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
  }

  /** Takes the lease, wakes the tasks that waited for this worker's handlers, then consumes. */
  async start(): Promise<void> {
    const { lease, store, handlers } = this.parts;
    await lease.start();
    this.loopMonitor.start();
    await store.wake([...handlers.keys()], 'no_handler');
    const prefetch = this.options.concurrency + PREFETCH_AHEAD;
    const onDelivery = (delivery: Delivery): void => this.receive(delivery);
    this.consumers = this.options.queues.map((queue) => this.parts.broker.consume({ queue, prefetch, onDelivery }));
  }

  /** True while tasks that come are run: the lease is held and every queue delivers. */
  get ready(): boolean {
    return this.stopping === undefined && this.parts.lease.valid && this.consumers.every(({ active }) => active);
  }

  /**
   * Stops: no new deliveries; what runs may finish within the time given, the rest is aborted and given back; what has
   * finished is written down. A second call waits for the first.
   */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.cancel()));
    await this.pumping;
    this.inbox.clear();
    const patience = new AbortController();
    await Promise.race([
      this.allDone(),
      sleep(this.options.shutdownTimeoutMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    await Promise.allSettled([this.giveBackActive(), this.parts.store.close()]);
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    this.loopMonitor.stop();
    await this.parts.lease.stop();
  }

  private async allDone(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  private async giveBackActive(): Promise<void> {
    const runs = [...this.active.values()];
    if (runs.length === 0) return;
    this.parts.log.warn(`Stopping: ${runs.length} tasks are still running and are given back.`);
    for (const run of runs) run.abort.abort(new WorkerStoppedError());
    await Promise.all(runs.map((run) => this.handBackOwn(run.delivery, run.claim, 0, null)));
  }

  private receive(delivery: Delivery): void {
    if (this.stopping !== undefined) return;
    try {
      this.inbox.add({ delivery, request: decodeTaskMessage(delivery.message) });
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
      const batch = this.inbox.take(this.freeSlots).filter((waiting) => !this.isRunningAlready(waiting));
      if (batch.length > 0) await this.claim(batch);
    }
    // In the same turn as the last look: a delivery that comes later starts it anew.
    this.pumping = undefined;
  }

  private mayClaim(): boolean {
    return this.stopping === undefined && this.inbox.size > 0 && this.freeSlots > 0;
  }

  private get freeSlots(): number {
    return this.options.concurrency - this.active.size;
  }

  /** A message that is delivered again while its task runs here: adopted if its old delivery is gone, else a double. */
  private isRunningAlready({ delivery, request }: Waiting): boolean {
    const run = this.active.get(request.id);
    if (run === undefined || run.request.generation !== request.generation) return false;
    if (run.delivery === delivery) return true;
    if (run.delivery.alive) delivery.ack();
    else run.delivery = delivery;
    return true;
  }

  private async claim(batch: Waiting[]): Promise<void> {
    try {
      if (!this.parts.lease.valid) throw new Error('the lease has run out');
      const requests = batch.map((waiting) => claimRequest(waiting, this.active.has(waiting.request.id)));
      const answers = await this.parts.store.claim(requests);
      this.claimsFail = false;
      batch.forEach((waiting, index) => this.dispatch(waiting, answers[index] as ClaimAnswer));
    } catch (error) {
      if (classifyStoreError(error) === 'data') return this.isolate(batch, error);
      this.inbox.putBack(batch);
      if (!this.claimsFail) this.parts.log.warn(`Tasks cannot be claimed at the moment: ${String(error)}`);
      this.claimsFail = true;
      await sleep(CLAIM_PAUSE_MS);
    }
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
        return this.track(this.handBack(delivery, claim, null, claim.leaseRemainingMs + LEASE_MARGIN_MS, 'lease'));
      case 'missing':
        return this.track(deadLetters.bury(delivery, `There is no row for task ${request.id} in this database.`));
      case 'lost':
        log.error(`Task ${request.name}[${request.id}] failed: its worker died ${claim.deaths} times.`);
        return delivery.ack();
      case 'stale':
      case 'expired':
        return delivery.ack();
    }
  }

  private begin({ delivery, request }: Waiting, claim: ClaimAnswer): void {
    // A Python client's countdown; what is ours comes when it is due.
    const earlyMs = request.generation === null ? (request.eta?.getTime() ?? 0) - Date.now() : 0;
    if (earlyMs > 0) return this.track(this.handBackOwn(delivery, claim, earlyMs, 'scheduled'));
    const handler = this.parts.handlers.get(request.name);
    if (handler === undefined) {
      this.parts.log.warn(`There is no handler for task ${request.name} here: it waits for a worker that has one.`);
      const parkMs = Math.min(FIRST_PARK_MS * 2 ** claim.generation, LONGEST_PARK_MS);
      return this.track(this.handBackOwn(delivery, claim, parkMs, 'no_handler'));
    }
    const run = new TaskRun(request, claim, delivery);
    this.active.set(request.id, run);
    this.track(
      this.parts.executor.execute(run, handler).finally(() => {
        this.active.delete(request.id);
        this.pump();
      }),
    );
  }

  /** Gives up a claim of this worker. */
  private handBackOwn(
    delivery: Delivery,
    claim: ClaimAnswer,
    dueInMs: number,
    reason: WaitReason | null,
  ): Promise<void> {
    return this.handBack(delivery, claim, claim.attempt, dueInMs, reason);
  }

  private async handBack(
    delivery: Delivery,
    { taskId, generation }: ClaimAnswer,
    attempt: number | null,
    dueInMs: number,
    waitReason: WaitReason | null,
  ): Promise<void> {
    const message = continuedMessage(delivery);
    try {
      await this.parts.store.handBack({ taskId, generation, attempt, message, dueInMs, waitReason });
    } catch (error) {
      delivery.release();
      throw error;
    }
    delivery.ack();
  }

  private track(work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => this.parts.log.error(String(error)));
    this.pending.add(tracked);
    void tracked.then(() => this.pending.delete(tracked));
  }
}
