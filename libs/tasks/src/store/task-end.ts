import type { EndState } from '../contract/task-state.js';
import type { SettlementWriter } from './task-store.js';

/** That a task has ended, for who writes what this means to the app. */
export interface TaskEnd {
  taskId: string;
  name: string;
  state: EndState;
  /** Its input as it was sent, unchecked. */
  kwargs: Readonly<Record<string, unknown>>;
}

/** What writes the ends of tasks, in the transactions that end them; by task name. */
export type TaskEndWriters = ReadonlyMap<string, SettlementWriter<TaskEnd>>;
