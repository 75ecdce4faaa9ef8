import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { defineTask, TaskHandler } from '@celeriac/tasks';
import { TaskTestKit } from '@celeriac/tasks/testing';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';

const resize = defineTask({
  name: 'images.resize',
  input: z.object({ imageId: z.string(), width: z.number() }),
  queue: 'images',
  maxRetries: 10,
});

@Injectable()
class ImageServer {
  awayForRuns = 0;
}

@Injectable()
class ResizeHandler {
  constructor(private readonly server: ImageServer) {}

  @TaskHandler(resize)
  resize({ imageId, width }: { imageId: string; width: number }): string {
    if (this.server.awayForRuns-- > 0) throw new Error('The image server is away');
    return `${imageId}-${width}.webp`;
  }
}

let kit: TaskTestKit;

beforeEach(async () => {
  kit = await TaskTestKit.create({ providers: [ImageServer, ResizeHandler], contracts: [resize] });
});

afterEach(() => kit.close());

test('an image is resized', async () => {
  await kit.tasks.delay(resize, { imageId: 'cat', width: 640 });
  kit.assertEnqueued(resize, { imageId: 'cat' });
  expect(await kit.drain()).toMatchObject([{ state: 'SUCCESS', result: 'cat-640.webp' }]);
});

test('an image is resized when the server is back, within the hour', async () => {
  kit.get(ImageServer).awayForRuns = 10;
  await kit.tasks.delay(resize, { imageId: 'cat', width: 640 });
  const runs = await kit.advance(3600);
  expect(runs).toHaveLength(11);
  expect(runs.at(-1)).toMatchObject({ state: 'SUCCESS', retries: 10 });
});

test('an image server that is away is an error of the run', async () => {
  kit.get(ImageServer).awayForRuns = 1;
  const run = await kit.perform(resize, { imageId: 'cat', width: 640 });
  expect(run).toMatchObject({ state: 'RETRY', error: { message: 'The image server is away' } });
});
