import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { defineTask } from '../../contract/define-task.js';
import { TaskHandler } from '../../worker/handlers/task-handler.decorator.js';
import { TaskTestKit } from './task-test-kit.js';

const water = defineTask({
  name: 'plants.water',
  queue: 'plants',
  input: z.object({}),
  maxRetries: 1,
  retryBackoff: 60,
});

@Injectable()
class Gardener {
  @TaskHandler(water)
  water(): never {
    throw new RangeError('no water');
  }
}

describe('why a task waits, in the kit', () => {
  let kit: TaskTestKit;

  beforeEach(async () => {
    kit = await TaskTestKit.create({ providers: [Gardener], contracts: [water] });
  });

  afterEach(() => kit.close());

  it('is told at each step, on the clock of the kit', async () => {
    const { id } = await kit.tasks.applyAsync(water, {}, { countdown: 60 });
    const dueAt = new Date(kit.now().getTime() + 60_000);
    expect(await kit.tasks.explain(id)).toMatchObject({ reason: 'scheduled', dueAt, at: kit.now() });
    await kit.advance(60);
    expect(await kit.tasks.explain(id)).toMatchObject({ reason: 'retry', retry: 1, error: { message: 'no water' } });
    await kit.drain({ includingScheduled: true });
    expect(await kit.tasks.explain(id)).toMatchObject({ reason: 'failed', state: 'FAILURE', retries: 1 });
  });

  it('is that nobody has run it yet, for one that is due', async () => {
    const { id } = await kit.tasks.delay(water, {});
    expect(await kit.tasks.explain(id)).toMatchObject({ reason: 'in_line', before: 0 });
  });
});
