import type { DataSource, EntityManager } from 'typeorm';
import { NaturalBatch } from '../natural-batch.js';
import type {
  ClaimAnswer,
  ClaimRequest,
  ClaimToken,
  HandBack,
  Settlement,
  SettlementWriter,
  WaitReason,
  WorkerIdentity,
  WorkerStore,
  WorkerStoreOptions,
} from '../task-store.js';
import { CLAIM, claimValues } from './claim.js';
import { idsOf } from './columns.js';
import { HAND_BACK, handBackValues } from './hand-back.js';
import { HotConnection, runNamed, type NamedStatement } from './hot-connection.js';
import { FORGET_DEAD_WORKERS, RENEW_LEASE } from './lease.js';
import { POINT_OF_NO_RETURN, pointOfNoReturnValues } from './point-of-no-return.js';
import { SETTLE, settleValues } from './settle.js';
import { wakeAll } from './waiting.js';

const CLOSE_TIMEOUT_MS = 1000;

/**
 * One worker's claims and outcomes in Postgres. Each statement takes a whole batch over `unnest` and finds its rows
 * by primary key. Settling has a connection of its own, since a handler's rows make it a transaction.
 */
export class PostgresWorkerStore implements WorkerStore {
  private readonly maxDeaths: number;
  private readonly claims: HotConnection;
  private readonly settles: HotConnection;
  private readonly singles: HotConnection;
  private readonly settleBatch: NaturalBatch<Settlement, boolean>;
  private readonly handBackBatch: NaturalBatch<HandBack, boolean>;
  private readonly pointOfNoReturnBatch: NaturalBatch<ClaimToken, boolean>;

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
    this.settleBatch = new NaturalBatch({ whenAway: 'wait', onError, flush: (items) => this.writeSettlements(items) });
    this.handBackBatch = new NaturalBatch({
      whenAway: 'wait',
      onError,
      flush: (items) => writeItems(this.singles, HAND_BACK, handBackValues(worker, items), items),
    });
    this.pointOfNoReturnBatch = new NaturalBatch({
      whenAway: 'throw',
      flush: (items) => writeItems(this.singles, POINT_OF_NO_RETURN, pointOfNoReturnValues(worker, items), items),
    });
  }

  async claim(requests: ClaimRequest[]): Promise<ClaimAnswer[]> {
    const rows = await this.claims.query<ClaimAnswer>(CLAIM, claimValues(this.worker, this.maxDeaths, requests));
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

  wake(taskNames: readonly string[], waitReason: WaitReason): Promise<void> {
    return wakeAll(this.singles, taskNames, waitReason);
  }

  async forgetDeadWorkers(): Promise<void> {
    await this.singles.query(FORGET_DEAD_WORKERS, []);
  }

  async renewLease(leaseMs: number): Promise<void> {
    await this.singles.query(RENEW_LEASE, [this.worker.id, this.worker.name, this.worker.pid, leaseMs]);
  }

  async close(): Promise<void> {
    const batches = [this.settleBatch, this.handBackBatch, this.pointOfNoReturnBatch];
    // A store that is away may not hold up the stop: what is not written now is found under a dead lease later.
    const patience = setTimeout(() => {
      for (const batch of batches) batch.abandon(new Error('The worker has stopped while the database was away.'));
    }, CLOSE_TIMEOUT_MS);
    await Promise.all(batches.map((batch) => batch.drain()));
    clearTimeout(patience);
    await Promise.all([this.claims, this.settles, this.singles].map((connection) => connection.close()));
  }

  private async writeSettlements(settlements: Settlement[]): Promise<boolean[]> {
    const values = settleValues(this.worker, settlements);
    if (settlements.every(({ rows }) => rows === null)) return writeItems(this.settles, SETTLE, values, settlements);
    return this.settles.transaction(async (manager, runner) => {
      const settled = idsOf(await runNamed(runner, SETTLE, values));
      await writeHandlerRows(
        manager,
        settlements.filter(({ taskId }) => settled.has(taskId)),
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

async function writeHandlerRows(manager: EntityManager, settlements: Settlement[]): Promise<void> {
  const byWriter = new Map<SettlementWriter, unknown[]>();
  for (const { rows } of settlements) {
    if (rows === null) continue;
    byWriter.set(rows.writer, [...(byWriter.get(rows.writer) ?? []), rows.data]);
  }
  for (const [writer, items] of byWriter) await writer.write(manager, items);
}
