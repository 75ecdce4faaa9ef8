/** What broadcasts need of the store. */
export interface BroadcastStore {
  /** The names of the workers that consume the queue and whose lease lives. */
  liveWorkers(queue: string): Promise<string[]>;
  /**
   * Ends every unfinished run of a broadcast whose worker has been away for so long, as FAILURE(WorkerLostError): no
   * other worker may run it. One process at a time.
   *
   * @returns how many runs were ended
   */
  endAbandoned(minAwayMs: number): Promise<number>;
}
