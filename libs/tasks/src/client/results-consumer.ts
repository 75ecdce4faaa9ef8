import type { Broker, Consumer, Delivery } from '../broker/broker.js';
import { RESULTS_QUEUE } from '../broker/topology.js';
import { decodeResultMessage, UndecodableMessageError } from '../protocol/index.js';
import { NaturalBatch } from '../store/natural-batch.js';
import type { ForeignResult, ResultStore } from '../store/result-store.js';
import { classifyStoreError } from '../store/store-errors.js';
import { foreignResult, merged } from './foreign-result.js';

/** As many as may be written at a time, while as many gather. */
const PREFETCH = 200;
/** How long the log says nothing more of results that nobody here waits for, once it has said so. */
const UNKNOWN_QUIET_MS = 5 * 60_000;

/**
 * Takes in what workers that are not ours say of the tasks that we sent them. A message is acknowledged when what it
 * says has been committed; one that comes late, twice, or of a task that is not theirs changes nothing. What is no
 * result, or of a task that is not in this database, goes to the log and no further: nobody could do anything with it.
 */
export class ResultsConsumer {
  private readonly batch: NaturalBatch<ForeignResult, void>;
  private consumer: Consumer | undefined;
  private quietUntilMs = 0;

  constructor(
    private readonly broker: Broker,
    private readonly store: Pick<ResultStore, 'settleForeign'>,
    private readonly log: { warn(message: string): void },
  ) {
    this.batch = new NaturalBatch({ whenAway: 'wait', flush: (results) => this.write(results) });
  }

  start(): void {
    const onDelivery = (delivery: Delivery): void => this.receive(delivery);
    this.consumer = this.broker.consume({ queue: RESULTS_QUEUE, prefetch: PREFETCH, onDelivery });
  }

  /** Gives back what is not written yet when the store is away. */
  async stop(): Promise<void> {
    await this.consumer?.cancel();
    this.batch.abandon(new Error('The process stops.'));
    await this.batch.drain();
    await this.consumer?.close();
  }

  private receive(delivery: Delivery): void {
    const result = this.read(delivery);
    if (result === null) delivery.ack();
    else void this.settle(delivery, result);
  }

  private read({ message }: Delivery): ForeignResult | null {
    try {
      return foreignResult(decodeResultMessage(message));
    } catch (error) {
      if (!(error instanceof UndecodableMessageError)) throw error;
      this.log.warn(`A message in the queue "${RESULTS_QUEUE}" is no result, and is dropped: ${error.message}`);
      return null;
    }
  }

  private async settle(delivery: Delivery, result: ForeignResult): Promise<void> {
    try {
      await this.batch.add(result);
    } catch (error) {
      // Not acknowledged, it comes back. What Postgres can never take would do so for ever; it is of no task of ours.
      if (classifyStoreError(error) !== 'data') return this.log.warn(`A result is not written yet: ${String(error)}`);
      this.log.warn(`A message in the queue "${RESULTS_QUEUE}" cannot be stored, and is dropped: ${String(error)}`);
    }
    delivery.ack();
  }

  private async write(results: ForeignResult[]): Promise<void[]> {
    const byTask = new Map<string, ForeignResult>();
    for (const result of results) byTask.set(result.taskId, merged(byTask.get(result.taskId), result));
    const [unknown] = await this.store.settleForeign([...byTask.values()]);
    if (unknown !== undefined) this.warnOfUnknown(unknown);
    return results.map(() => undefined);
  }

  private warnOfUnknown(taskId: string): void {
    if (performance.now() < this.quietUntilMs) return;
    this.quietUntilMs = performance.now() + UNKNOWN_QUIET_MS;
    this.log.warn(
      `A result came for task ${taskId}, which is not in this database, and is dropped. Another app with a database of ` +
        'its own probably uses this virtual host, and such results are lost to it: give each database a virtual host ' +
        `of its own. Said once in ${UNKNOWN_QUIET_MS / 60_000} minutes.`,
    );
  }
}
