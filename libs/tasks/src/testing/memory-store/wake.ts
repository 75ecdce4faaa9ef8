import type { WaitReason } from '../../store/task-store.js';
import type { MemoryRows } from './memory-rows.js';

/** Makes some tasks due at once that wait in the outbox for a reason which has gone. */
export function wake(rows: MemoryRows, taskNames: readonly string[], waitReason: WaitReason, limit = Infinity): void {
  let left = limit;
  for (const row of rows.outbox.values()) {
    const task = rows.tasks.get(row.taskId ?? '');
    if (left <= 0 || task === undefined || task.generation !== row.generation) continue;
    if (task.waitReason !== waitReason || !taskNames.includes(task.name)) continue;
    Object.assign(task, { waitReason: null, dueAt: null });
    row.dueAt = new Date(rows.now());
    left -= 1;
  }
}
