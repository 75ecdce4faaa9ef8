import type { TaskEntity } from '../../store/entities/task.entity.js';
import type { WorkerEntity } from '../../store/entities/worker.entity.js';
import type {
  InspectStore,
  WorkerStatus,
  RunningTask,
  TaskFilter,
  TaskPage,
  TaskSummary,
} from '../../store/inspect-store.js';
import { readTaskPlace, type TaskPlace } from '../../store/task-place.js';
import type { MemoryRows } from './memory-rows.js';

/** Looks at tasks and workers in memory. */
export class MemoryInspectStore implements InspectStore {
  constructor(private readonly rows: MemoryRows) {}

  async tasks(filter: TaskFilter, limit: number, before: string | null = null): Promise<TaskPage> {
    const place = readTaskPlace(before);
    const found = [...this.rows.tasks.values()]
      .filter((task) => fits(task, filter) && isBefore(placeOf(task), place))
      .toSorted((a, b) => (isBefore(placeOf(a), placeOf(b)) ? 1 : -1));
    const tasks = found.slice(0, limit);
    const last = tasks.at(-1);
    const older = last === undefined || tasks.length < limit ? null : placeText(placeOf(last));
    return { tasks: tasks.map((task) => this.summary(task)), older };
  }

  async workers(): Promise<WorkerStatus[]> {
    const nowMs = this.rows.now();
    return [...this.rows.workers.values()]
      .filter(({ leaseUntil }) => leaseUntil.getTime() > nowMs)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((worker) => this.living(worker));
  }

  private living({ id, name, pid, queues, concurrency, startedAt, taskIds }: WorkerEntity): WorkerStatus {
    return { id, name, pid, queues, concurrency, startedAt, running: this.running(id, taskIds) };
  }

  private running(workerId: string, taskIds: readonly string[]): RunningTask[] {
    return taskIds
      .map((id) => this.rows.tasks.get(id))
      .filter((task) => task?.state === 'STARTED' && task.workerId === workerId)
      .map((task) => task as TaskEntity & { startedAt: Date })
      .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
      .map(({ id, name, startedAt }) => ({ id, name, startedAt }));
  }

  private summary(task: TaskEntity): TaskSummary {
    const { id, name, state, queue, waitReason, dueAt, retries, createdAt, startedAt, finishedAt } = task;
    const error = task.error && { type: task.error.type, message: task.error.message };
    const worker = this.rows.workers.get(task.workerId ?? '')?.name ?? null;
    return { id, name, state, queue, waitReason, dueAt, retries, worker, error, createdAt, startedAt, finishedAt };
  }
}

function fits(task: TaskEntity, { states, name, queue, since, until }: TaskFilter): boolean {
  return (
    (states === undefined || states.includes(task.state)) &&
    (name === undefined || name === task.name) &&
    (queue === undefined || queue === task.queue) &&
    (since === undefined || task.createdAt >= since) &&
    (until === undefined || task.createdAt < until)
  );
}

function placeOf({ createdAt, id }: TaskEntity): TaskPlace {
  return { createdAt: createdAt.toISOString(), id };
}

function placeText({ createdAt, id }: TaskPlace): string {
  return `${createdAt}/${id}`;
}

/** Older; times of ISO 8601 sort as text, and `infinity` after them. */
function isBefore(a: TaskPlace, b: TaskPlace): boolean {
  return a.createdAt === b.createdAt ? a.id < b.id : a.createdAt < b.createdAt;
}
