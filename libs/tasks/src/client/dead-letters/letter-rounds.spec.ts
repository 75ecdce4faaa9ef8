import { describe, expect, it } from '@jest/globals';
import type { Delivery } from '../../broker/broker.js';
import { MemoryBroker } from '../../broker/memory/memory-broker.js';
import { taskTopology } from '../../broker/topology.js';
import { LetterRounds, MOST_BYTES, type LetterTreatment } from './letter-rounds.js';

const QUEUE = 'work.dead_letters';

/** A broker with so many letters, called `letter 0` and so on. */
async function brokerWith(count: number, bytes = 1): Promise<MemoryBroker> {
  const broker = new MemoryBroker(taskTopology(['work']));
  for (let index = 0; index < count; index += 1) await publish(broker, `letter ${index}`, bytes);
  return broker;
}

async function publish(broker: MemoryBroker, messageId: string, bytes = 1): Promise<void> {
  const message = { properties: { messageId }, headers: { 'celeriac-generation': 0 }, body: Buffer.alloc(bytes) };
  await broker.publish({ exchange: '', routingKey: QUEUE, message });
}

/** Goes through all letters, and has those stay that are to. */
function rounds(broker: MemoryBroker, change: Partial<LetterTreatment<string>> = {}): LetterRounds<string> {
  const handle = async (letters: readonly Delivery[]): Promise<string[]> => letters.map(() => 'done');
  return new LetterRounds(broker, { queue: QUEUE, choice: 'all', handle, isDone: () => true, ...change });
}

const left = async (broker: MemoryBroker): Promise<number> => (await broker.queueInfo(QUEUE)).messages;

describe('LetterRounds', () => {
  it('leaves those alone that come while it is at it', async () => {
    const broker = await brokerWith(3);
    const handle = async (letters: readonly Delivery[]): Promise<string[]> => {
      for (const { message } of letters) await publish(broker, `again ${message.properties.messageId}`);
      return letters.map(() => 'done');
    };
    expect((await rounds(broker, { handle }).run(3)).map(({ id }) => id)).toEqual(['letter 0', 'letter 1', 'letter 2']);
    expect(await left(broker)).toBe(3);
  });

  it('takes no more at a time than fits, and says how far it is', async () => {
    const broker = await brokerWith(5, MOST_BYTES / 2);
    const told: number[][] = [];
    await rounds(broker, { onProgress: (...progress) => void told.push(progress) }).run(5);
    expect(told).toEqual([
      [2, 5],
      [4, 5],
      [5, 5],
    ]);
  });

  it('looks for those of some ids in the whole queue, and at each once', async () => {
    const broker = await brokerWith(1200);
    const choice = ['letter 1100', 'letter 7', 'nobody'];
    const handled = await rounds(broker, { choice, isDone: () => false }).run(3);
    expect(handled.map(({ id }) => id)).toEqual(['letter 7', 'letter 1100']);
    expect(await left(broker)).toBe(1200);
  });

  it('gives back what it holds when it cannot be handled', async () => {
    const broker = await brokerWith(3);
    const handle = (): Promise<never> => Promise.reject(new Error('Postgres is away'));
    await expect(rounds(broker, { handle }).run(3)).rejects.toThrow('Postgres is away');
    expect(await left(broker)).toBe(3);
  });

  it('passes over those that stay', async () => {
    const broker = await brokerWith(1200);
    const handle = async (letters: readonly Delivery[]): Promise<string[]> =>
      letters.map(({ message }) => (Number(message.properties.messageId?.split(' ')[1]) % 2 === 0 ? 'done' : 'stays'));
    const handled = await rounds(broker, { handle, isDone: (outcome) => outcome === 'done' }).run(1200);
    expect(new Set(handled.map(({ id }) => id)).size).toBe(1200);
    expect(handled).toHaveLength(1200);
    expect(await left(broker)).toBe(600);
  });
});
