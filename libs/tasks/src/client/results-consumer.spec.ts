import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryBroker } from '../broker/memory/memory-broker.js';
import { RESULTS_QUEUE, taskTopology } from '../broker/topology.js';
import type { ForeignResult } from '../store/result-store.js';
import { ResultsConsumer } from './results-consumer.js';

describe('ResultsConsumer', () => {
  let broker: MemoryBroker;
  let batches: Array<{ results: readonly ForeignResult[]; commit(unknown?: string[]): void; fail(error: Error): void }>;
  let written: () => void;
  let consumer: ResultsConsumer;
  let warnings: string[];

  beforeEach(() => {
    broker = new MemoryBroker(taskTopology([]));
    batches = [];
    warnings = [];
    const log = { warn: (line: string) => void warnings.push(line) };
    const settleForeign = (results: readonly ForeignResult[]): Promise<string[]> =>
      new Promise((resolve, reject) => {
        batches.push({ results, commit: (unknown = []) => resolve(unknown), fail: reject });
        written();
      });
    consumer = new ResultsConsumer(broker, { settleForeign }, log);
    consumer.start();
  });

  async function say(taskId: string, status: string): Promise<void> {
    const body = Buffer.from(JSON.stringify({ task_id: taskId, status }));
    const properties = { contentType: 'application/json' };
    await broker.publish({ exchange: '', routingKey: RESULTS_QUEUE, message: { properties, headers: {}, body } });
  }

  const nextBatch = (): Promise<void> => new Promise((resolve) => (written = resolve));

  /** How many messages nobody has acknowledged. */
  async function leftAfterStop(): Promise<number> {
    await consumer.stop();
    return (await broker.queueInfo(RESULTS_QUEUE)).messages;
  }

  it('acknowledges when it is committed, and writes what came meanwhile together, each task once', async () => {
    const first = nextBatch();
    await say('a', 'STARTED');
    await first;
    await Promise.all([say('a', 'SUCCESS'), say('b', 'STARTED'), say('b', 'REVOKED'), say('a', 'STARTED')]);
    const second = nextBatch();
    batches[0]?.commit();
    await second;
    expect(batches[1]?.results).toMatchObject([
      { taskId: 'a', state: 'SUCCESS' },
      { taskId: 'b', state: 'REVOKED' },
    ]);
    batches[1]?.commit();
    expect(await leftAfterStop()).toBe(0);
  });

  it('says once, and not for each message, that it is for a database of another app', async () => {
    for (const [index, id] of ['a', 'b'].entries()) {
      const batch = nextBatch();
      await say(id, 'SUCCESS');
      await batch;
      batches[index]?.commit([id]);
    }
    expect(await leftAfterStop()).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/task a, .* not in this database.* virtual host of its own/)]);
  });

  it('gives back what could not be written', async () => {
    const first = nextBatch();
    await say('a', 'SUCCESS');
    await first;
    const stopping = leftAfterStop();
    batches[0]?.fail(Object.assign(new Error('Postgres is away'), { code: 'ECONNREFUSED' }));
    expect(await stopping).toBe(1);
  });
});
