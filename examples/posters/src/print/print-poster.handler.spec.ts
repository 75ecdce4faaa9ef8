import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { TaskHandler } from '@celeriac/tasks';
import { TaskTestKit } from '@celeriac/tasks/testing';
import { contracts, drawPoster, PaperJamError, printPoster, type Poster, type PosterOrder } from '../posters.tasks.js';
import { PrintPosterHandler } from './print-poster.handler.js';
import { PrintShop } from './print-shop.js';

const ORDER: PosterOrder = { title: 'Sea', place: 'seahorses', ink: 'ember', detail: 'sketch' };

/** Stands in for the thread, which takes its time. */
@Injectable()
class DrawnAtOnce {
  @TaskHandler(drawPoster)
  draw({ title }: PosterOrder): Poster {
    return { title, png: Buffer.from('a picture').toString('base64'), cutShort: false };
  }
}

/** Its paper gets stuck as often as a test wants. */
class JammingShop extends PrintShop {
  jams = 0;
  readonly printed: string[] = [];

  override async print(png: Buffer): Promise<number> {
    if (this.jams-- > 0) throw new PaperJamError('Open the lid.');
    return this.printed.push(png.toString());
  }
}

describe('printing a poster', () => {
  let kit: TaskTestKit;
  let shop: JammingShop;
  let posterId: string;

  beforeEach(async () => {
    shop = new JammingShop();
    kit = await TaskTestKit.create({
      providers: [PrintPosterHandler, DrawnAtOnce, { provide: PrintShop, useValue: shop }],
      contracts,
    });
    posterId = (await kit.tasks.delay(drawPoster, ORDER)).id;
    await kit.drain();
  });

  afterEach(() => kit.close());

  it('gives the sheet that it is on', async () => {
    await kit.tasks.delay(printPoster, { posterId });
    kit.assertEnqueued(printPoster, { posterId });
    expect(await kit.drain()).toMatchObject([{ name: 'posters.print', state: 'SUCCESS', result: { sheet: 1 } }]);
    expect(shop.printed).toEqual(['a picture']);
  });

  it('is tried again while the paper gets stuck, up to ten times within the hour', async () => {
    shop.jams = 10;
    await kit.tasks.delay(printPoster, { posterId });
    const runs = await kit.advance(3600);
    expect(runs).toHaveLength(11);
    expect(runs.at(-1)).toMatchObject({ state: 'SUCCESS', retries: 10 });
  });

  it('fails when the paper gets stuck once more', async () => {
    shop.jams = 11;
    await kit.tasks.delay(printPoster, { posterId });
    const runs = await kit.advance(3600);
    expect(runs.at(-1)).toMatchObject({ state: 'FAILURE', error: { type: 'PaperJamError' } });
  });

  it('is not tried again when there is no such poster', async () => {
    const nobody = '0198c0de-0000-7000-8000-000000000001';
    const run = await kit.perform(printPoster, { posterId: nobody });
    expect(run).toMatchObject({ state: 'FAILURE', error: { type: 'UnknownTaskError' } });
  });
});
