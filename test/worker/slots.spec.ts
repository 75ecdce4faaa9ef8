import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineTask, TaskHandler } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const slow = defineTask({ name: 'test.slow', queue: 'slow', input: z.object({}) });
const quick = defineTask({ name: 'test.quick', queue: 'quick', input: z.object({}) });

@Injectable()
class Handlers {
  running = 0;
  most = 0;
  private readonly waiting: Array<() => void> = [];

  @TaskHandler(slow)
  async slow(): Promise<void> {
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running -= 1;
  }

  @TaskHandler(quick)
  async quick(): Promise<void> {}

  /** Ends those that run. */
  letGo(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }
}

describe('slots', () => {
  let app: TaskApp;
  let handlers: Handlers;

  beforeEach(async () => {
    const queues = ['slow', 'quick'];
    app = await startTaskApp({ providers: [Handlers], queues, worker: { concurrency: 3, slots: { slow: 2 } } });
    handlers = app.get(Handlers);
  });

  afterEach(() => app.drop());

  it('keep slow tasks of one queue from taking all places, and all of them are run', async () => {
    const slows = await app.tasks.enqueueMany(
      slow,
      Array.from({ length: 6 }, () => ({ input: {} })),
    );
    const [first] = slows;
    await app.untilState(first?.id ?? '', 'STARTED');
    const quicks = await app.tasks.enqueueMany(
      quick,
      Array.from({ length: 20 }, () => ({ input: {} })),
    );
    for (const { id } of quicks) await app.untilState(id, 'SUCCESS');
    const states = await Promise.all(slows.map((result) => result.state()));
    expect(states.toSorted()).toEqual([...Array.from({ length: 4 }, () => 'PENDING'), 'STARTED', 'STARTED']);
    for (const { id } of slows) {
      await app.untilRow(id, ({ state }) => {
        handlers.letGo();
        return state === 'SUCCESS';
      });
    }
    expect(handlers.most).toBe(2);
  });
});
