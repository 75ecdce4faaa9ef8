import type { MessagePort } from 'node:worker_threads';
import type { LogLevel } from '../../store/task-store.js';
import type { TaskFacts } from '../task-facts.js';
import type { PackedError } from './packed-error.js';

/** One run, as a thread gets it. */
export interface ThreadJob {
  /** The URL of the handler's module. */
  module: string;
  input: unknown;
  facts: TaskFacts;
  /** The thread's end of the line between it and the run. */
  port: MessagePort;
}

/** What became of it. The result is JSON, which it has to be anyway; undefined for none. */
export type ThreadAnswer = { result: string | undefined } | { error: PackedError };

/** From the run to its thread. */
export type ToThread =
  | { type: 'abort'; reason: PackedError }
  /** The report has been taken: there may be another. */
  | { type: 'reported' }
  /** `passPointOfNoReturn` has ended; with an error unless null. */
  | { type: 'passed'; call: number; error: PackedError | null };

/** From a thread to its run: what the handler asks of the worker. */
export type FromThread =
  | { type: 'report'; progress: string }
  | { type: 'log'; level: LogLevel; message: string }
  | { type: 'pass point of no return'; call: number };
