import { Inject, Injectable } from '@nestjs/common';
import { Periodic } from '@celeriac/schedule';
import { TASK_STORE, TaskHandler, type TaskStore } from '@celeriac/tasks';
import { drawPoster, hangPoster } from '../posters.tasks.js';

const EVERY_SECONDS = 5;
const POSTERS_TO_CHOOSE_FROM = 20;

/** A task that is sent by itself; its handler is like any other. */
@Injectable()
export class HangPosterHandler {
  constructor(@Inject(TASK_STORE) private readonly store: TaskStore) {}

  /** `expires`: when no worker was there in time, the next one will do. */
  @TaskHandler(hangPoster)
  @Periodic({ type: 'interval', every: EVERY_SECONDS, period: 'seconds' }, { options: { expires: EVERY_SECONDS } })
  async hang(): Promise<{ posterId: string | null }> {
    const drawn = { name: drawPoster.name, states: ['SUCCESS'] } as const;
    const { tasks: posters } = await this.store.inspect.tasks(drawn, POSTERS_TO_CHOOSE_FROM);
    return { posterId: posters[Math.floor(Math.random() * posters.length)]?.id ?? null };
  }
}
