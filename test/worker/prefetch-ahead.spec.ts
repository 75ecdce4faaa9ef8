import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineTask, TaskHandler } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const long = defineTask({ name: 'test.long', input: z.object({}), queue: 'work' });

/** Runs until it is told to end. */
@Injectable()
class Handler {
  begun = 0;
  private readonly ends: Array<() => void> = [];

  @TaskHandler(long)
  async run(): Promise<void> {
    this.begun += 1;
    await new Promise<void>((resolve) => this.ends.push(resolve));
  }

  end(): void {
    for (const end of this.ends) end();
  }
}

describe('a worker that holds nothing ready', () => {
  let busy: TaskApp;
  let idle: TaskApp;

  beforeEach(async () => {
    const worker = { concurrency: 1, prefetchAhead: 0, shutdownTimeoutMs: 10_000 };
    busy = await startTaskApp({ providers: [Handler], worker });
    idle = await startTaskApp({ providers: [Handler], worker, beside: busy });
  });

  afterEach(async () => {
    await idle.drop();
    await busy.drop();
  });

  it('leaves what waits to one that has nothing to do', async () => {
    const calls = await Promise.all([busy.tasks.delay(long, {}), busy.tasks.delay(long, {})]);
    for (const { id } of calls) await busy.untilState(id, 'STARTED');
    const handlers = [busy.get(Handler), idle.get(Handler)];
    expect(handlers.map(({ begun }) => begun)).toEqual([1, 1]);
    for (const handler of handlers) handler.end();
    for (const { id } of calls) await busy.untilState(id, 'SUCCESS');
  });
});
