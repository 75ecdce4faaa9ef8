import type { UniqueTaskEntity } from '../../store/entities/unique-task.entity.js';
import type { Enqueued, NewTask } from '../../store/task-store.js';
import type { UniqueKey } from '../../store/unique-key.js';
import { isUnfinished, type MemoryRows } from './memory-rows.js';
import { newRows } from './new-rows.js';

/** New tasks, and the keys that they hold, which are not committed yet. */
export class Uncommitted {
  readonly tasks = new Map<string, NewTask>();
  readonly keys = new Map<string, UniqueTaskEntity>();

  constructor(private readonly rows: MemoryRows) {}

  /** @returns what becomes of the task if this commits */
  add(task: NewTask, nowMs: number): Enqueued {
    const holderId = task.unique === null ? undefined : this.holderOf(task.unique, nowMs);
    if (holderId !== undefined) return { id: holderId, isNew: false };
    const { id, unique } = task;
    if (unique !== null) {
      const { key, forMs } = unique;
      this.keys.set(key.toString('hex'), { key, taskId: id, until: new Date(nowMs + forMs) });
    }
    const isNew = !this.rows.tasks.has(id) && !this.tasks.has(id);
    if (isNew) this.tasks.set(id, task);
    return { id, isNew };
  }

  commit(): void {
    const nowMs = this.rows.now();
    for (const task of this.tasks.values()) {
      if (this.rows.tasks.has(task.id)) continue;
      const { row, outboxRow } = newRows(task, nowMs);
      this.rows.tasks.set(row.id, row);
      this.rows.outbox.set(outboxRow.id, outboxRow);
    }
    for (const held of this.keys) this.rows.keys.set(...held);
  }

  private holderOf({ key, endStates }: UniqueKey, nowMs: number): string | undefined {
    const name = key.toString('hex');
    const held = this.keys.get(name) ?? this.rows.keys.get(name);
    if (held === undefined || held.until.getTime() <= nowMs) return undefined;
    const holder = this.rows.tasks.get(held.taskId);
    const isOver = holder !== undefined && !isUnfinished(holder) && !endStates.some((state) => state === holder.state);
    return isOver ? undefined : held.taskId;
  }
}

/** Writes tasks at once. @returns what became of each, in their order */
export function enqueue(rows: MemoryRows, tasks: readonly NewTask[]): Enqueued[] {
  const uncommitted = new Uncommitted(rows);
  const nowMs = rows.now();
  const enqueued = tasks.map((task) => uncommitted.add(task, nowMs));
  uncommitted.commit();
  return enqueued;
}
