import type { MessagePort } from 'node:worker_threads';
import type { RunFacts } from '../task-context.js';
import type { PackedError } from './packed-error.js';

/** One run, as a thread gets it. */
export interface ThreadJob {
  /** The URL of the handler's module. */
  module: string;
  input: unknown;
  facts: RunFacts;
  /** The thread's end of the line between it and the run. */
  port: MessagePort;
}

/** What became of it. The result is JSON, which it has to be anyway; undefined for none. */
export type ThreadAnswer = { result: string | undefined } | { error: PackedError };

/** From the run to its thread. */
export type ToThread =
  { type: 'abort'; reason: PackedError } | { type: 'reply'; call: number; error: PackedError | null };

/** From a thread to its run: a method of the TaskContext is to be called. */
export interface FromThread {
  call: number;
  method: ForwardedMethod;
  args: unknown[];
}

/** The methods of a TaskContext that a thread may call. */
export type ForwardedMethod = 'passPointOfNoReturn';
