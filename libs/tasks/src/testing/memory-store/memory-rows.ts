import { v7 as uuidv7 } from 'uuid';
import { isEndState } from '../../contract/task-state.js';
import type { OutboxEntity } from '../../store/entities/outbox.entity.js';
import type { RevokedTaskEntity } from '../../store/entities/revoked-task.entity.js';
import type { TaskAttemptEntity } from '../../store/entities/task-attempt.entity.js';
import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { UniqueTaskEntity } from '../../store/entities/unique-task.entity.js';
import type { WorkerEntity } from '../../store/entities/worker.entity.js';
import { toJson } from '../../store/postgres/columns.js';
import type { Letter, RoutedMessage } from '../../store/task-store.js';
import { RateSlots } from './rate-slots.js';

const DAY_MS = 86_400_000;

/** The tables of Postgres, in memory: the same rows, and what several statements ask of them. */
export class MemoryRows {
  readonly tasks = new Map<string, TaskEntity>();
  readonly outbox = new Map<string, OutboxEntity>();
  readonly workers = new Map<string, WorkerEntity>();
  readonly revokes = new Map<string, RevokedTaskEntity>();
  /** By the key in hexadecimal. */
  readonly keys = new Map<string, UniqueTaskEntity>();
  readonly rates = new RateSlots();
  private readonly attempts = new Map<string, Map<number, TaskAttemptEntity>>();

  /** @param now - milliseconds since 1970; what Postgres's clock is to the tables */
  constructor(readonly now: () => number) {}

  attemptsOf(taskId: string): TaskAttemptEntity[] {
    return [...(this.attempts.get(taskId)?.values() ?? [])];
  }

  /** Writes what is said of the row's current attempt, whether it is noted already or not. */
  noteAttempt(
    { id: taskId, attempt: number, startedAt }: TaskEntity,
    worker: { id: string; name: string },
    change: Partial<TaskAttemptEntity>,
  ): void {
    const attempts = this.attempts.get(taskId) ?? new Map<number, TaskAttemptEntity>();
    this.attempts.set(taskId, attempts);
    const blank = { pointOfNoReturnAt: null, finishedAt: null, outcome: null, error: null, log: null };
    const made = { taskId, number, workerId: worker.id, workerName: worker.name, startedAt };
    const known = attempts.get(number) ?? { ...made, ...blank };
    attempts.set(number, Object.assign(known, change));
  }

  /** Writes what is said of an attempt that is noted already; others are none. */
  changeAttempt(taskId: string, number: number, change: Partial<TaskAttemptEntity>): void {
    const attempt = this.attempts.get(taskId)?.get(number);
    if (attempt !== undefined) Object.assign(attempt, change);
  }

  /** @param task - that the message continues, under its generation; null when it continues none */
  addOutbox(message: RoutedMessage, task: Pick<TaskEntity, 'id' | 'generation'> | null, dueAt: Date): void {
    const { id: taskId, generation } = task ?? { id: null, generation: null };
    const id = uuidv7();
    this.outbox.set(id, { ...stored(message), id, taskId, generation, mandatory: true, trouble: null, dueAt });
  }

  addLetter({ id = uuidv7(), message, mandatory }: Letter): void {
    const dueAt = new Date(this.now());
    this.outbox.set(id, { ...stored(message), id, taskId: null, generation: null, mandatory, trouble: null, dueAt });
  }

  /** Drops what nobody needs any more, as the worker's upkeep does. */
  forgetOld(): void {
    const nowMs = this.now();
    for (const { id, leaseUntil } of this.workers.values()) {
      if (leaseUntil.getTime() < nowMs - DAY_MS) this.workers.delete(id);
    }
    for (const { taskId, createdAt } of this.revokes.values()) {
      if (createdAt.getTime() < nowMs - 30 * DAY_MS) this.revokes.delete(taskId);
    }
    this.rates.forgetOld(nowMs);
  }

  /** Whether the task holds a key whose time is not over. */
  holdsKey(id: string): boolean {
    const nowMs = this.now();
    return [...this.keys.values()].some(({ taskId, until }) => taskId === id && until.getTime() > nowMs);
  }

  /** The task, with its attempts. */
  forget(taskId: string): void {
    this.tasks.delete(taskId);
    this.attempts.delete(taskId);
  }

  /** The messages of a task that are still to be published. */
  outboxOf(taskId: string): OutboxEntity[] {
    return [...this.outbox.values()].filter((row) => row.taskId === taskId);
  }

  /** @returns 0 when there is no such worker, or it has died */
  leaseRemainingMs(workerId: string | null, nowMs: number): number {
    const worker = this.workers.get(workerId ?? '');
    return worker === undefined ? 0 : Math.max(0, worker.leaseUntil.getTime() - nowMs);
  }
}

/** It has not ended. */
export function isUnfinished({ state }: Pick<TaskEntity, 'state'>): boolean {
  return !isEndState(state);
}

/** It waits to be run. */
export function isWaiting({ state }: Pick<TaskEntity, 'state'>): boolean {
  return state === 'PENDING' || state === 'RETRY';
}

/** A value as a `json` column gives it back. */
export function asJson<Value>(value: Value): Value {
  return JSON.parse(toJson(value) ?? 'null') as Value;
}

/** What a `json` column gives back of JSON text. */
export function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

/** A message as its columns give it back. */
export function stored({ exchange, routingKey, envelope, body }: RoutedMessage): RoutedMessage {
  return { exchange, routingKey, envelope: asJson(envelope), body: Buffer.from(body) };
}
