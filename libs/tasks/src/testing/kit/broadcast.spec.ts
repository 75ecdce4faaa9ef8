import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { defineBroadcast, TaskHandler } from '../../index.js';
import { TaskTestKit } from './task-test-kit.js';

const input = z.object({ cache: z.string() });
const empty = defineBroadcast({ name: 'test.empty', queue: 'work', input, retryBackoff: 10, retryJitter: false });

@Injectable()
class Handlers {
  failures = 0;

  @TaskHandler(empty)
  empty({ cache }: { cache: string }): string {
    if (this.failures-- > 0) throw new Error('not now');
    return cache;
  }
}

describe('a broadcast in a kit', () => {
  let kit: TaskTestKit;

  afterEach(() => kit.close());

  async function makeKit(eager = false): Promise<void> {
    kit = await TaskTestKit.create({ providers: [Handlers], contracts: [empty], eager });
  }

  it('is run by its worker once, when the kit is told to', async () => {
    await makeKit();
    const sent = await kit.tasks.broadcast(empty, { cache: 'prices' });
    const [worker = ''] = sent.workers;
    expect(await kit.drain()).toMatchObject([{ taskId: `${sent.id}@${worker}`, state: 'SUCCESS', result: 'prices' }]);
    await expect(sent.of(worker).get()).resolves.toBe('prices');
    expect(await kit.drain({ includingScheduled: true })).toEqual([]);
  });

  it('is tried again by its worker', async () => {
    await makeKit();
    kit.get(Handlers).failures = 1;
    await kit.tasks.broadcast(empty, { cache: 'prices' });
    expect(await kit.drain()).toMatchObject([{ state: 'RETRY' }]);
    expect(await kit.advance(10)).toMatchObject([{ state: 'SUCCESS', retries: 1 }]);
  });

  it('is run at once in an eager kit', async () => {
    await makeKit(true);
    const sent = await kit.tasks.broadcast(empty, { cache: 'prices' });
    await expect(sent.of(sent.workers[0] ?? '').state()).resolves.toBe('SUCCESS');
  });
});
