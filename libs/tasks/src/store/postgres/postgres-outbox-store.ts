import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { rateIntervalUs } from '../../contract/rate-limit.js';
import type { DeadLetterStore, ReturnedLetter, SendBackVerdict } from '../dead-letter-store.js';
import { NaturalBatch } from '../natural-batch.js';
import type { ForeignResult, ResultStore, StoredAttempt, StoredResult } from '../result-store.js';
import { revokeFollowUps, type RevokedRow, type RevokeOutcome } from '../revokes.js';
import type { OutboxTrouble, Standings } from '../standings.js';
import type { TaskEndWriters } from '../task-end.js';
import type { Enqueued, Letter, NewTask, OutboxMessage, OutboxStore, WaitReason } from '../task-store.js';
import { END_ABANDONED, LIVE_WORKERS } from './abandoned.js';
import { AfterCommit } from './after-commit.js';
import { toColumns } from './columns.js';
import { FORGET_KEYS } from './enqueue-unique.js';
import { Enqueuer } from './enqueuer.js';
import { writeFollowUps } from './follow-ups.js';
import { HotConnection, runNamed, runnerOf } from './hot-connection.js';
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
import { ATTEMPTS, FORGET, foreignResultValues, RESULTS, SETTLE_FOREIGN } from './results.js';
import { FORGET_ENDED } from './retention.js';
import { REVOKE } from './revoke.js';
import { SendBacks } from './send-back.js';
import { MOST_LOOKED_AT, STANDINGS, standingsOf } from './standings.js';
import { wakeAll } from './waiting.js';

/** A message that could not be published. */
interface Postponement {
  outboxId: string;
  delayMs: number;
  trouble: OutboxTrouble | null;
}

/** New tasks and the outbox in Postgres. */
export class PostgresOutboxStore implements OutboxStore, ResultStore, DeadLetterStore {
  private readonly connection: HotConnection;
  private commits: AfterCommit | undefined;
  /** Where the reconciler begins to look. The first look is over everything. */
  private unfinishedSince = new Date(0);
  private readonly enqueuer: Enqueuer;
  private readonly publishedBatch: NaturalBatch<string, void>;
  private readonly postponeBatch: NaturalBatch<Postponement, void>;
  private readonly sendBacks: SendBacks;

  constructor(private readonly dataSource: DataSource) {
    this.connection = new HotConnection(dataSource);
    this.enqueuer = new Enqueuer(dataSource, this.connection);
    this.sendBacks = new SendBacks(dataSource);
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
        const values = toColumns(items, [
          ({ outboxId }) => outboxId,
          ({ delayMs }) => delayMs,
          ({ trouble }) => trouble,
        ]);
        await this.connection.query(POSTPONE, values);
        return items.map(() => undefined);
      },
    });
  }

  enqueue(tasks: readonly NewTask[], manager: EntityManager): Promise<Enqueued[]> {
    return this.enqueuer.within(manager, tasks);
  }

  afterCommit(manager: EntityManager, callback: () => void): void {
    this.commits ??= new AfterCommit(this.dataSource);
    this.commits.register(runnerOf(manager), callback);
  }

  enqueueMany(tasks: readonly NewTask[]): Promise<Enqueued[]> {
    return this.enqueuer.many(tasks);
  }

  enqueueOne(task: NewTask): Promise<Enqueued> {
    return this.enqueuer.one(task);
  }

  async revoke(
    taskIds: readonly string[],
    remembered: { terminate: boolean } | null,
    writers?: TaskEndWriters,
  ): Promise<Map<string, RevokeOutcome>> {
    const values = [taskIds, remembered !== null, remembered?.terminate ?? false, [...(writers?.keys() ?? [])]];
    const rows = await this.connection.transaction(async (_manager, runner) => {
      const revoked = await runNamed<RevokedRow>(runner, REVOKE, values);
      await writeFollowUps(
        runner,
        revoked.map((row) => revokeFollowUps(row, writers)),
      );
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

  /** On any connection of the pool, as all that only looks: it may not hold up what publishes. */
  results(taskIds: readonly string[]): Promise<StoredResult[]> {
    return this.dataSource.query(RESULTS, [taskIds]);
  }

  attempts(taskId: string): Promise<StoredAttempt[]> {
    return this.dataSource.query(ATTEMPTS, [taskId]);
  }

  async forget(taskId: string): Promise<boolean> {
    return (await this.connection.query(FORGET, [taskId])).length > 0;
  }

  async settleForeign(results: readonly ForeignResult[]): Promise<string[]> {
    const unknown = await this.connection.query<{ id: string }>(SETTLE_FOREIGN, foreignResultValues(results));
    return unknown.map(({ id }) => id);
  }

  async standings(taskIds: readonly string[]): Promise<Standings> {
    return standingsOf(await this.dataSource.query(STANDINGS, [taskIds, MOST_LOOKED_AT]));
  }

  takeDue(limit: number, leaseMs: number): Promise<OutboxMessage[]> {
    return this.connection.query<OutboxMessage>(TAKE_DUE, [limit, leaseMs]);
  }

  published(outboxId: string): Promise<void> {
    return this.publishedBatch.add(outboxId);
  }

  postpone(outboxId: string, delayMs: number, trouble: OutboxTrouble | null): Promise<void> {
    return this.postponeBatch.add({ outboxId, delayMs, trouble });
  }

  async addLetters(letters: readonly Letter[], manager?: EntityManager): Promise<void> {
    if (manager === undefined) await this.connection.query(ADD_LETTERS, letterValues(letters));
    else await runNamed(runnerOf(manager), ADD_LETTERS, letterValues(letters));
  }

  sendBack(letters: readonly ReturnedLetter[]): Promise<SendBackVerdict[]> {
    return this.sendBacks.write(letters);
  }

  async liveWorkers(queue: string, manager?: EntityManager): Promise<string[]> {
    const rows: Array<{ name: string }> = await (manager ?? this.dataSource).query(LIVE_WORKERS, [queue]);
    return rows.map(({ name }) => name);
  }

  reconcile(queues: string[], minAgeMs: number): Promise<number> {
    return this.aloneWithUnfinished((runner, since) => runNamed(runner, RECONCILE, [queues, minAgeMs, since]));
  }

  endAbandoned(minAwayMs: number): Promise<number> {
    return this.aloneWithUnfinished((runner, since) => runNamed(runner, END_ABANDONED, [minAwayMs, since]));
  }

  async forgetEnded(limit: number): Promise<number> {
    return (await this.connection.query(FORGET_ENDED, [limit])).length;
  }

  async forgetKeys(limit: number): Promise<number> {
    return (await this.connection.query(FORGET_KEYS, [limit])).length;
  }

  async close(): Promise<void> {
    await Promise.all([this.enqueuer.close(), this.publishedBatch.drain(), this.postponeBatch.drain()]);
    await this.connection.close();
  }

  /** @returns how many rows there were; 0 while another process is at it */
  private aloneWithUnfinished(work: (runner: QueryRunner, since: Date) => Promise<unknown[]>): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const runner = runnerOf(manager);
      const [lock] = await runNamed<{ locked: boolean }>(runner, RECONCILER_LOCK, []);
      if (lock?.locked !== true) return 0;
      const rows = await runNamed<{ since: Date }>(runner, OLDEST_UNFINISHED, [this.unfinishedSince]);
      this.unfinishedSince = rows[0]?.since ?? this.unfinishedSince;
      return (await work(runner, this.unfinishedSince)).length;
    });
  }
}
