import type { TaskState } from '../contract/task-state.js';
import type { WaitReason } from './task-store.js';

/** Which tasks are asked for; what is not said is of no matter. */
export interface TaskFilter {
  states?: readonly TaskState[] | undefined;
  name?: string | undefined;
  queue?: string | undefined;
  /** Sent then or later. */
  since?: Date | undefined;
  /** Sent before then. */
  until?: Date | undefined;
}

/** A task as lists show it: nothing of what its caller or its handler has put into it but the error. */
export interface TaskSummary {
  id: string;
  name: string;
  state: TaskState;
  queue: string;
  waitReason: WaitReason | null;
  /** When it may run next; null when it does not wait for a time. */
  dueAt: Date | null;
  retries: number;
  /** Node name of the worker that runs it; null when none does. */
  worker: string | null;
  error: { type: string; message: string } | null;
  createdAt: Date;
  /** When it was claimed last. */
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** Some of the tasks that were asked for, newest first. */
export interface TaskPage {
  tasks: TaskSummary[];
  /** What to go on with (`before`); null when all have been looked at. */
  older: string | null;
}

/** A worker whose lease lives. */
export interface WorkerStatus {
  id: string;
  /** Node name, `name@host`. */
  name: string;
  pid: number;
  queues: string[];
  concurrency: number;
  startedAt: Date;
  /** What it runs, as far as it has said: it says so whenever it renews its lease. The oldest run is the first. */
  running: RunningTask[];
}

export interface RunningTask {
  id: string;
  name: string;
  startedAt: Date;
}

/** What those who look at all of it need of a {@link TaskStore}: the command line, a monitor. */
export interface InspectStore {
  /**
   * Looks for tasks, from the newest on. One call looks at a bounded number of tasks, so that no search takes long,
   * however rare what is searched is: the page may have fewer tasks than were asked for, or none, with more to come.
   *
   * @param limit - most tasks of the page
   * @param before - the `older` of the page before; null: the newest
   * @throws {@link InvalidTaskPlaceError} when `before` is none
   */
  tasks(filter: TaskFilter, limit: number, before?: string | null): Promise<TaskPage>;
  /** The workers whose leases live, by their names. */
  workers(): Promise<WorkerStatus[]>;
}
