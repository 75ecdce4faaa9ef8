import type { EntityManager } from 'typeorm';
import type { DeadLetterStore, ReturnedLetter, SendBackVerdict } from '../../store/dead-letter-store.js';
import type { ForeignResult, ResultStore, StoredAttempt, StoredResult } from '../../store/result-store.js';
import type { RevokeOutcome } from '../../store/revokes.js';
import type { OutboxTrouble, Standings } from '../../store/standings.js';
import type { TaskEndWriters } from '../../store/task-end.js';
import type { Enqueued, Letter, NewTask, OutboxMessage, OutboxStore, WaitReason } from '../../store/task-store.js';
import { endAbandoned, messageQueue } from './abandoned.js';
import { enqueue, Uncommitted } from './enqueue.js';
import { follow } from './follow-ups.js';
import { isUnfinished, stored, type MemoryRows } from './memory-rows.js';
import { Commits } from './memory-transaction.js';
import { attemptsOf, emptyTask, resultsOf, settleForeign } from './results.js';
import { revokeTask } from './revoke.js';
import { sendBack } from './send-back.js';
import { standingsOf } from './standings.js';
import { wake } from './wake.js';

/** New tasks and the outbox in memory. */
export class MemoryOutboxStore implements OutboxStore, ResultStore, DeadLetterStore {
  private readonly commits = new Commits();
  private readonly uncommitted = new WeakMap<EntityManager, Uncommitted>();

  /** @param onEnqueued - awaited after tasks have been written and committed, before their sender goes on */
  constructor(
    private readonly rows: MemoryRows,
    private readonly onEnqueued: () => Promise<void>,
  ) {}

  /** The tasks are there once the transaction has committed, and never if it is rolled back. */
  async enqueue(tasks: readonly NewTask[], manager: EntityManager): Promise<Enqueued[]> {
    const uncommitted = this.uncommittedOf(manager);
    const nowMs = this.rows.now();
    return tasks.map((task) => uncommitted.add(task, nowMs));
  }

  afterCommit(manager: EntityManager, callback: () => void): void {
    this.commits.after(manager, callback);
  }

  async enqueueMany(tasks: readonly NewTask[]): Promise<Enqueued[]> {
    const enqueued = enqueue(this.rows, tasks);
    await this.onEnqueued();
    return enqueued;
  }

  async enqueueOne(task: NewTask): Promise<Enqueued> {
    const [enqueued] = await this.enqueueMany([task]);
    return enqueued as Enqueued;
  }

  async takeDue(limit: number, leaseMs: number): Promise<OutboxMessage[]> {
    const nowMs = this.rows.now();
    const due = [...this.rows.outbox.values()].filter(({ dueAt }) => dueAt.getTime() <= nowMs);
    const taken = due.toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime()).slice(0, limit);
    return taken.map((row) => {
      row.dueAt = new Date(nowMs + leaseMs);
      const { taskId, generation, mandatory } = row;
      return { ...stored(row), outboxId: row.id, taskId, generation, mandatory };
    });
  }

  async revoke(
    taskIds: readonly string[],
    remembered: { terminate: boolean } | null,
    writers?: TaskEndWriters,
  ): Promise<Map<string, RevokeOutcome>> {
    const revoked = new Map([...new Set(taskIds)].map((id) => [id, revokeTask(this.rows, id, remembered, writers)]));
    for (const { followUps } of revoked.values()) if (followUps !== null) await follow(this.rows, followUps);
    return new Map([...revoked].map(([id, { outcome }]) => [id, outcome]));
  }

  async setRateLimit(taskName: string, rate: string | null): Promise<void> {
    if (this.rows.rates.setRate(taskName, rate)) wake(this.rows, [taskName], 'rate_limited');
  }

  async wake(taskNames: readonly string[], waitReason: WaitReason, limit?: number): Promise<void> {
    wake(this.rows, taskNames, waitReason, limit);
  }

  async standings(taskIds: readonly string[]): Promise<Standings> {
    return standingsOf(this.rows, taskIds);
  }

  async published(outboxId: string): Promise<void> {
    this.rows.outbox.delete(outboxId);
  }

  async postpone(outboxId: string, delayMs: number, trouble: OutboxTrouble | null): Promise<void> {
    const row = this.rows.outbox.get(outboxId);
    if (row !== undefined) Object.assign(row, { dueAt: new Date(this.rows.now() + delayMs), trouble });
  }

  async addLetters(letters: readonly Letter[], manager?: EntityManager): Promise<void> {
    const write = (): void => {
      for (const letter of letters) this.rows.addLetter(letter);
    };
    if (manager !== undefined) return this.commits.after(manager, write);
    write();
    await this.onEnqueued();
  }

  async liveWorkers(queue: string): Promise<string[]> {
    const nowMs = this.rows.now();
    const live = [...this.rows.workers.values()].filter(({ leaseUntil }) => leaseUntil.getTime() > nowMs);
    return [...new Set(live.filter(({ queues }) => queues.includes(queue)).map(({ name }) => name))].toSorted();
  }

  async sendBack(letters: readonly ReturnedLetter[]): Promise<SendBackVerdict[]> {
    return letters.map((letter) => sendBack(this.rows, letter));
  }

  async reconcile(queues: string[], minAgeMs: number): Promise<number> {
    const nowMs = this.rows.now();
    const lost = [...this.rows.tasks.values()].filter(
      (task) =>
        isUnfinished(task) &&
        queues.includes(messageQueue(task)) &&
        latest(task.createdAt, task.startedAt, task.dueAt) < nowMs - minAgeMs &&
        this.rows.outboxOf(task.id).length === 0 &&
        this.rows.leaseRemainingMs(task.workerId, nowMs) === 0,
    );
    for (const task of lost) {
      Object.assign(task, { generation: task.generation + 1, dueAt: new Date(nowMs) });
      this.rows.addOutbox(task, task, new Date(nowMs));
    }
    return lost.length;
  }

  async endAbandoned(minAwayMs: number): Promise<number> {
    return endAbandoned(this.rows, minAwayMs);
  }

  async forgetEnded(limit: number): Promise<number> {
    const nowMs = this.rows.now();
    const over = [...this.rows.tasks.values()].filter(
      ({ id, finishedAt, retentionSeconds }) =>
        finishedAt !== null &&
        retentionSeconds !== null &&
        finishedAt.getTime() <= nowMs - retentionSeconds * 1000 &&
        !this.rows.holdsKey(id),
    );
    for (const { id } of over.slice(0, limit)) this.rows.forget(id);
    return Math.min(over.length, limit);
  }

  async forgetKeys(limit: number): Promise<number> {
    const nowMs = this.rows.now();
    const over = [...this.rows.keys].filter(([, { until }]) => until.getTime() <= nowMs).slice(0, limit);
    for (const [key] of over) this.rows.keys.delete(key);
    return over.length;
  }

  async results(taskIds: readonly string[]): Promise<StoredResult[]> {
    return resultsOf(this.rows, taskIds);
  }

  async attempts(taskId: string): Promise<StoredAttempt[]> {
    return attemptsOf(this.rows, taskId);
  }

  async forget(taskId: string): Promise<boolean> {
    return emptyTask(this.rows, taskId);
  }

  async settleForeign(results: readonly ForeignResult[]): Promise<string[]> {
    for (const result of results) settleForeign(this.rows, result);
    return results.map(({ taskId }) => taskId).filter((id) => !this.rows.tasks.has(id));
  }

  async close(): Promise<void> {}

  private uncommittedOf(manager: EntityManager): Uncommitted {
    const known = this.uncommitted.get(manager);
    if (known !== undefined) return known;
    const uncommitted = new Uncommitted(this.rows);
    this.commits.after(manager, () => uncommitted.commit());
    this.uncommitted.set(manager, uncommitted);
    return uncommitted;
  }
}

function latest(...times: Array<Date | null>): number {
  return Math.max(...times.map((time) => time?.getTime() ?? 0));
}
