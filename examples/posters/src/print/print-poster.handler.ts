import { Injectable } from '@nestjs/common';
import { TaskClient, TaskContext, TaskHandler } from '@celeriac/tasks';
import { PrintShop } from './print-shop.js';
import { drawPoster, printPoster, type PrintOrder } from '../posters.tasks.js';

/** A handler is an injectable like others. */
@Injectable()
export class PrintPosterHandler {
  constructor(
    private readonly tasks: TaskClient,
    private readonly shop: PrintShop,
  ) {}

  @TaskHandler(printPoster)
  async print({ posterId }: PrintOrder, task: TaskContext): Promise<{ sheet: number }> {
    // It has been drawn: nobody can order a print before.
    const { title, png } = await this.tasks.result(posterId, drawPoster).get({ timeoutMs: 1000 });
    const sheet = await this.shop.print(Buffer.from(png, 'base64'));
    task.log.log(`"${title}" is on sheet ${sheet}`);
    return { sheet };
  }
}
