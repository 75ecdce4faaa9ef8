import type { DataSource } from 'typeorm';
import { NaturalBatch } from '../natural-batch.js';
import type {
  ClaimAnswer,
  ClaimRequest,
  ClaimToken,
  HandBack,
  ProgressReport,
  Settlement,
  WaitReason,
  WorkerIdentity,
  WorkerStore,
  WorkerStoreOptions,
} from '../task-store.js';
import type { RevokedRun } from '../revokes.js';
import { claimQuery } from './claim.js';
import { idsOf } from './columns.js';
import { writeFollowUps, writeRows } from './follow-ups.js';
import { HAND_BACK, handBackValues } from './hand-back.js';
import { HotConnection, runNamed, type NamedStatement } from './hot-connection.js';
import { FORGET_DEAD_WORKERS, RENEW_LEASE } from './lease.js';
import { POINT_OF_NO_RETURN, pointOfNoReturnValues } from './point-of-no-return.js';
import { progressValues, WRITE_PROGRESS } from './progress.js';
import { FORGET_BUCKETS, KnownRates, READ_RATE_LIMITS } from './rate-limits.js';
import { FIND_REVOKED, FORGET_REVOKES } from './revoke.js';
import { SETTLE, settleValues } from './settle.js';
import { wakeAll } from './waiting.js';

const CLOSE_TIMEOUT_MS = 1000;

/**
 * One worker's claims and outcomes in Postgres. Each statement takes a whole batch over `unnest` and finds its rows
 * by primary key. Settling has a connection of its own, since a handler's rows make it a transaction.
 */
export class PostgresWorkerStore implements WorkerStore {
  private readonly maxDeaths: number;
  private readonly onOutbox: () => void;
  private rates = new KnownRates();
  private readonly claims: HotConnection;
  private readonly settles: HotConnection;
  private readonly singles: HotConnection;
  private readonly settleBatch: NaturalBatch<Settlement, boolean>;
  private readonly handBackBatch: NaturalBatch<HandBack, boolean>;
  private readonly pointOfNoReturnBatch: NaturalBatch<ClaimToken, boolean>;
  private readonly progressBatch: NaturalBatch<ProgressReport, boolean>;

  constructor(
    dataSource: DataSource,
    private readonly worker: WorkerIdentity,
    options: WorkerStoreOptions = {},
  ) {
    this.maxDeaths = options.maxDeaths ?? 3;
    this.claims = new HotConnection(dataSource);
    this.settles = new HotConnection(dataSource);
    this.singles = new HotConnection(dataSource);
    const onError = (error: unknown): void => options.onError?.(error);
    this.onOutbox = () => options.onOutbox?.();
    this.settleBatch = new NaturalBatch({
      whenAway: 'wait',
      onError,
      flush: async (items) => {
        const held = await this.writeSettlements(items);
        if (items.some(({ next, followUps }) => followUps !== null || next?.dueInMs === 0)) this.onOutbox();
        return held;
      },
    });
    this.handBackBatch = new NaturalBatch({
      whenAway: 'wait',
      onError,
      flush: (items) => writeItems(this.singles, HAND_BACK, handBackValues(worker, items), items),
    });
    this.pointOfNoReturnBatch = new NaturalBatch({
      whenAway: 'throw',
      flush: (items) => writeItems(this.singles, POINT_OF_NO_RETURN, pointOfNoReturnValues(worker, items), items),
    });
    this.progressBatch = new NaturalBatch({
      whenAway: 'throw',
      flush: (items) => writeItems(this.singles, WRITE_PROGRESS, progressValues(worker, items), items),
    });
  }

  async claim(requests: ClaimRequest[]): Promise<ClaimAnswer[]> {
    const statement = claimQuery(this.worker, this.maxDeaths, this.rates, requests);
    const isFollowed = requests.some(({ followUpsOf }) => followUpsOf !== null);
    const rows = await (isFollowed
      ? this.claimFollowed(statement, requests)
      : this.claims.query<ClaimAnswer>(...statement));
    if (rows.length === 0 && requests.length > 0) {
      // Nothing was done: rates have been set that are not known here.
      this.rates = new KnownRates(await this.claims.query(READ_RATE_LIMITS, []));
      return this.claim(requests);
    }
    const answers = new Map(rows.map((row) => [row.taskId, row]));
    return requests.map((request) => answers.get(request.taskId) as ClaimAnswer);
  }

  settle(settlement: Settlement): Promise<boolean> {
    return this.settleBatch.add(settlement);
  }

  handBack(handBack: HandBack): Promise<boolean> {
    return this.handBackBatch.add(handBack);
  }

  passPointOfNoReturn(token: ClaimToken): Promise<boolean> {
    return this.pointOfNoReturnBatch.add(token);
  }

  writeProgress(report: ProgressReport): Promise<boolean> {
    return this.progressBatch.add(report);
  }

  wake(taskNames: readonly string[], waitReason: WaitReason): Promise<void> {
    return wakeAll(this.singles, taskNames, waitReason);
  }

  findRevoked(taskIds: readonly string[]): Promise<RevokedRun[]> {
    return this.singles.query(FIND_REVOKED, [taskIds]);
  }

  async forgetOld(): Promise<void> {
    for (const statement of [FORGET_DEAD_WORKERS, FORGET_REVOKES, FORGET_BUCKETS]) {
      await this.singles.query(statement, []);
    }
  }

  async renewLease(leaseMs: number, taskIds: readonly string[] = []): Promise<void> {
    const { id, name, pid, queues, concurrency } = this.worker;
    await this.singles.query(RENEW_LEASE, [id, name, pid, queues, concurrency, taskIds, leaseMs]);
  }

  async close(): Promise<void> {
    const batches = [this.settleBatch, this.handBackBatch, this.pointOfNoReturnBatch, this.progressBatch];
    const abandon = (): void => {
      for (const batch of batches) batch.abandon(new Error('The worker has stopped.'));
    };
    // A store that is away may not hold up the stop: what is not written now is found under a dead lease later.
    const patience = setTimeout(abandon, CLOSE_TIMEOUT_MS);
    await Promise.all(batches.map((batch) => batch.drain()));
    clearTimeout(patience);
    // What a run says now that was given back would wait for a database that nobody opens any more.
    abandon();
    await Promise.all([this.claims, this.settles, this.singles].map((connection) => connection.close()));
  }

  /** Claims, and writes what follows where the claim ends a task. */
  private async claimFollowed(
    [statement, values]: [NamedStatement, unknown[]],
    requests: ClaimRequest[],
  ): Promise<ClaimAnswer[]> {
    const followers = new Map(requests.map(({ taskId, followUpsOf }) => [taskId, followUpsOf]));
    let hasFollowUps = false;
    const answers = await this.claims.transaction(async (_manager, runner) => {
      const rows = await runNamed<ClaimAnswer>(runner, statement, values);
      const followUps = rows.map((row) => followers.get(row.taskId)?.(row) ?? null);
      hasFollowUps = followUps.some((each) => each !== null);
      await writeFollowUps(runner, followUps);
      return rows;
    });
    if (hasFollowUps) this.onOutbox();
    return answers;
  }

  private async writeSettlements(settlements: Settlement[]): Promise<boolean[]> {
    const values = settleValues(this.worker, settlements);
    if (settlements.every(({ rows, followUps }) => rows === null && followUps === null)) {
      return writeItems(this.settles, SETTLE, values, settlements);
    }
    return this.settles.transaction(async (manager, runner) => {
      const settled = idsOf(await runNamed(runner, SETTLE, values));
      const held = settlements.filter(({ taskId }) => settled.has(taskId));
      await writeRows(
        manager,
        held.map(({ rows }) => rows),
      );
      await writeFollowUps(
        runner,
        held.map(({ followUps }) => followUps),
      );
      return settlements.map(({ taskId }) => settled.has(taskId));
    });
  }
}

async function writeItems(
  connection: HotConnection,
  statement: NamedStatement,
  values: unknown[],
  items: ReadonlyArray<{ taskId: string }>,
): Promise<boolean[]> {
  const written = idsOf(await connection.query(statement, values));
  return items.map(({ taskId }) => written.has(taskId));
}
