import type { DataSource, EntityManager } from 'typeorm';
import { rateIntervalUs } from '../../contract/rate-limit.js';
import { NaturalBatch } from '../natural-batch.js';
import type { Letter, NewTask, OutboxMessage, OutboxStore, StoredWait, WaitReason } from '../task-store.js';
import type { RevokeOutcome } from '../revokes.js';
import { AfterCommit, runnerOf } from './after-commit.js';
import { idsOf, toColumns } from './columns.js';
import { ENQUEUE, enqueueValues } from './enqueue.js';
import { writeFollowUps } from './follow-ups.js';
import { HotConnection, runNamed } from './hot-connection.js';
import {
  ADD_LETTERS,
  letterValues,
  POSTPONE,
  OLDEST_UNFINISHED,
  PUBLISHED,
  RECONCILE,
  RECONCILER_LOCK,
  TAKE_DUE,
} from './outbox.js';
import { EMPTY_BUCKETS, SET_RATE_LIMIT, WAKE_LIMITED } from './rate-limits.js';
import { FORGET_ENDED } from './retention.js';
import { REVOKE, revokedLetters, type RevokedRow } from './revoke.js';
import { wakeAll, WAITS } from './waiting.js';

const ENQUEUE_BATCH = 1000;
/** So many tasks before another one are looked at. */
const MOST_LOOKED_AT = 500;

/** New tasks and the outbox in Postgres. */
export class PostgresOutboxStore implements OutboxStore {
  private readonly connection: HotConnection;
  private commits: AfterCommit | undefined;
  /** Where the reconciler begins to look. The first look is over everything. */
  private unfinishedSince = new Date(0);
  private readonly enqueueBatch: NaturalBatch<NewTask, boolean>;
  private readonly publishedBatch: NaturalBatch<string, void>;
  private readonly postponeBatch: NaturalBatch<{ outboxId: string; delayMs: number }, void>;

  constructor(private readonly dataSource: DataSource) {
    this.connection = new HotConnection(dataSource);
    this.enqueueBatch = new NaturalBatch({
      whenAway: 'throw',
      flush: async (tasks) => {
        const stored = idsOf(await this.connection.query(ENQUEUE, enqueueValues(tasks)));
        return tasks.map(({ id }) => stored.has(id));
      },
    });
    // What could not be deleted is published again, and stopped by the fence.
    this.publishedBatch = new NaturalBatch({
      whenAway: 'throw',
      flush: async (ids) => {
        await this.connection.query(PUBLISHED, [ids]);
        return ids.map(() => undefined);
      },
    });
    this.postponeBatch = new NaturalBatch({
      whenAway: 'throw',
      flush: async (items) => {
        const values = toColumns(items, [({ outboxId }) => outboxId, ({ delayMs }) => delayMs]);
        await this.connection.query(POSTPONE, values);
        return items.map(() => undefined);
      },
    });
  }

  async enqueue(tasks: NewTask[], manager: EntityManager): Promise<Set<string>> {
    const runner = runnerOf(manager);
    const stored = new Set<string>();
    for (let from = 0; from < tasks.length; from += ENQUEUE_BATCH) {
      const values = enqueueValues(tasks.slice(from, from + ENQUEUE_BATCH));
      for (const { id } of await runNamed<{ id: string }>(runner, ENQUEUE, values)) stored.add(id);
    }
    return stored;
  }

  afterCommit(manager: EntityManager, callback: () => void): void {
    this.commits ??= new AfterCommit(this.dataSource);
    this.commits.register(runnerOf(manager), callback);
  }

  enqueueMany(tasks: NewTask[]): Promise<Set<string>> {
    return this.dataSource.transaction((manager) => this.enqueue(tasks, manager));
  }

  enqueueOne(task: NewTask): Promise<boolean> {
    return this.enqueueBatch.add(task);
  }

  async revoke(
    taskIds: readonly string[],
    remembered: { terminate: boolean } | null,
  ): Promise<Map<string, RevokeOutcome>> {
    const values = [taskIds, remembered !== null, remembered?.terminate ?? false];
    const rows = await this.connection.transaction(async (_manager, runner) => {
      const revoked = await runNamed<RevokedRow>(runner, REVOKE, values);
      await writeFollowUps(runner, [{ tasks: [], letters: revokedLetters(revoked) }]);
      return revoked;
    });
    return new Map(rows.map(({ taskId, outcome }) => [taskId, outcome]));
  }

  async setRateLimit(taskName: string, rate: string | null): Promise<void> {
    const intervalUs = rateIntervalUs(rate) ?? 0;
    // On its own: when the buckets are emptied, no claim gives out slots in the old rhythm any more.
    await this.connection.query(SET_RATE_LIMIT, [taskName, rate]);
    await this.dataSource.transaction(async (manager) => {
      const runner = runnerOf(manager);
      const emptied = await runNamed(runner, EMPTY_BUCKETS, [taskName, intervalUs]);
      if (emptied.length > 0) await runNamed(runner, WAKE_LIMITED, [taskName]);
    });
  }

  wake(taskNames: readonly string[], waitReason: WaitReason, limit?: number): Promise<void> {
    return wakeAll(this.connection, taskNames, waitReason, limit);
  }

  /** On any connection of the pool: a page that looks may not hold up what publishes. */
  waits(taskIds: readonly string[]): Promise<StoredWait[]> {
    return this.dataSource.query(WAITS, [taskIds, MOST_LOOKED_AT]);
  }

  takeDue(limit: number, leaseMs: number): Promise<OutboxMessage[]> {
    return this.connection.query<OutboxMessage>(TAKE_DUE, [limit, leaseMs]);
  }

  published(outboxId: string): Promise<void> {
    return this.publishedBatch.add(outboxId);
  }

  postpone(outboxId: string, delayMs: number): Promise<void> {
    return this.postponeBatch.add({ outboxId, delayMs });
  }

  async addLetters(letters: readonly Letter[]): Promise<void> {
    await this.connection.query(ADD_LETTERS, letterValues(letters));
  }

  async reconcile(queues: string[], minAgeMs: number): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const runner = runnerOf(manager);
      const [lock] = await runNamed<{ locked: boolean }>(runner, RECONCILER_LOCK, []);
      if (lock?.locked !== true) return 0;
      const rows = await runNamed<{ since: Date }>(runner, OLDEST_UNFINISHED, [this.unfinishedSince]);
      this.unfinishedSince = rows[0]?.since ?? this.unfinishedSince;
      return (await runNamed(runner, RECONCILE, [queues, minAgeMs, this.unfinishedSince])).length;
    });
  }

  async forgetEnded(limit: number): Promise<number> {
    return (await this.connection.query(FORGET_ENDED, [limit])).length;
  }

  async close(): Promise<void> {
    await Promise.all([this.enqueueBatch.drain(), this.publishedBatch.drain(), this.postponeBatch.drain()]);
    await this.connection.close();
  }
}
