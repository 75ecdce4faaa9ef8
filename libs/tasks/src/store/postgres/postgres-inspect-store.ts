import type { DataSource } from 'typeorm';
import type { InspectStore, WorkerStatus, RunningTask, TaskFilter, TaskPage } from '../inspect-store.js';
import { readTaskPlace } from '../task-place.js';
import { taskPage, TASKS, tasksValues, WORKERS, type TaskRow } from './inspect.js';

/** Looks at tasks and workers, on any connection of the pool: it may not hold up what works. */
export class PostgresInspectStore implements InspectStore {
  constructor(private readonly dataSource: DataSource) {}

  async tasks(filter: TaskFilter, limit: number, before: string | null = null): Promise<TaskPage> {
    const values = tasksValues(filter, limit, readTaskPlace(before));
    return taskPage(await this.dataSource.query<TaskRow[]>(TASKS, values), filter, limit);
  }

  async workers(): Promise<WorkerStatus[]> {
    const workers = await this.dataSource.query<WorkerStatus[]>(WORKERS);
    return workers.map((worker) => ({ ...worker, running: worker.running.map(withTime) }));
  }
}

/** In JSON the time was text. */
function withTime({ startedAt, ...task }: RunningTask): RunningTask {
  return { ...task, startedAt: new Date(startedAt) };
}
