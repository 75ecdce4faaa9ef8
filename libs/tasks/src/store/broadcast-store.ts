import type { EntityManager } from 'typeorm';

/** What broadcasts need of the store. */
export interface BroadcastStore {
  /**
   * The names of the workers that consume the queue and whose lease lives.
   *
   * @param manager - of the caller's transaction, which asks for no connection beside its own. @defaultValue any connection
   */
  liveWorkers(queue: string, manager?: EntityManager): Promise<string[]>;
  /**
   * Ends every unfinished run of a broadcast whose worker has been away for so long, as FAILURE(WorkerLostError): no
   * other worker may run it. One process at a time.
   *
   * @returns how many runs were ended
   */
  endAbandoned(minAwayMs: number): Promise<number>;
}
