import { decodeTaskMessage } from '../../protocol/index.js';
import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { Settlement, TaskError } from '../../store/task-store.js';

/** A run of a handler that has ended. */
export interface EndedRun {
  taskId: string;
  /** The task's name. */
  name: string;
  /** As it came over the wire. */
  input: unknown;
  /** `RETRY`, `SNOOZE`: the task waits for its next run. */
  state: Settlement['state'];
  /** Retries used up, the one that follows included. */
  retries: number;
  /** What the handler returned, as JSON keeps it; null when it threw, or its result is ignored. */
  result: unknown;
  /** What the handler threw. */
  error: TaskError | null;
  /** When it ended, on the kit's clock. */
  at: Date;
}

/** @param task - the row that the run has left */
export function endedRun(settlement: Settlement, task: Readonly<TaskEntity>, nowMs: number): EndedRun {
  const { kwargs: input } = decodeTaskMessage({ ...task.envelope, body: task.body });
  const { id: taskId, name, retries, result } = task;
  return {
    taskId,
    name,
    input,
    state: settlement.state,
    retries,
    result,
    error: settlement.error,
    at: new Date(nowMs),
  };
}
