import { broadcastRunId } from '../contract/define-broadcast.js';
import { AsyncResult, type ResultSource } from './async-result.js';

/**
 * Something that was broadcast. It has no row of its own; each worker that gets it has one for its run.
 *
 * @typeParam Output - what the contract says that the handler returns
 */
export class BroadcastResult<Output = unknown> {
  // Not seen by JSON.
  readonly #source: ResultSource;

  constructor(
    readonly id: string,
    /** The node names of the workers that were alive then. One that is about to stop may not run it. */
    readonly workers: readonly string[],
    source: ResultSource,
  ) {
    this.#source = source;
  }

  /** The run of one worker, whose id is `<id>@<worker>`. It is known as soon as the worker has taken it. */
  of(worker: string): AsyncResult<Output> {
    return new AsyncResult<Output>(broadcastRunId(this.id, worker), this.#source);
  }
}
