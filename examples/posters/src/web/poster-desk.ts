import { Inject, Injectable } from '@nestjs/common';
import {
  explanationText,
  TASK_STORE,
  TaskClient,
  TaskFailedError,
  UnknownTaskError,
  type AsyncResult,
  type TaskStore,
} from '@celeriac/tasks';
import { drawPoster, hangPoster, printPoster, type Poster, type PosterOrder } from '../posters.tasks.js';

/** What a page says of a print. */
export type PrintStatus = { state: 'none' | 'printing' | 'failed' } | { state: 'printed'; sheet: number };

/** What a page says of a poster. */
export type PosterStatus =
  | { state: 'waiting'; why: string }
  | { state: 'drawing'; share: number }
  | { state: 'drawn'; poster: Poster; print: PrintStatus }
  | { state: 'failed'; message: string }
  | { state: 'cancelled' };

/** Takes orders and says what has become of them. The tasks' own rows are all that it remembers. */
@Injectable()
export class PosterDesk {
  constructor(
    private readonly tasks: TaskClient,
    @Inject(TASK_STORE) private readonly store: TaskStore,
  ) {}

  /** @returns the task that draws it; the one from before if the same has been ordered already */
  order(order: PosterOrder): Promise<AsyncResult<Poster>> {
    return this.tasks.delay(drawPoster, order);
  }

  /** A poster that is being drawn is left as it is, in the middle of a line. */
  async cancel(id: string): Promise<void> {
    await this.tasks.revoke(id, { terminate: true });
  }

  /** Only of what has been drawn. A second call changes nothing: the task's id says which poster it prints. */
  async print(posterId: string): Promise<void> {
    if (!(await this.tasks.result(posterId, drawPoster).successful())) return;
    await this.tasks.applyAsync(printPoster, { posterId }, { taskId: printId(posterId) });
  }

  /** @throws {@link UnknownTaskError} when nobody has ordered it, or it was too long ago */
  async look(id: string): Promise<PosterStatus> {
    const task = this.tasks.result(id, drawPoster);
    const state = await task.state();
    switch (state) {
      case 'PENDING':
      case 'RETRY':
        return { state: 'waiting', why: explanationText(await this.tasks.explain(id)) };
      case 'STARTED': {
        const { current = 0, total = 1 } = ((await task.progress())?.meta ?? {}) as {
          current?: number;
          total?: number;
        };
        return { state: 'drawing', share: current / total };
      }
      case 'SUCCESS':
        return { state: 'drawn', poster: await task.get(), print: await this.lookForPrint(id) };
      case 'FAILURE': {
        const failure = await task.get().catch((error: unknown) => error);
        return {
          state: 'failed',
          message: failure instanceof TaskFailedError ? failure.error.message : String(failure),
        };
      }
      case 'REVOKED':
        return { state: 'cancelled' };
    }
  }

  /** @returns the id of the poster that hangs on the wall; null when none does */
  async onTheWall(): Promise<string | null> {
    const { tasks } = await this.store.inspect.tasks({ name: hangPoster.name, states: ['SUCCESS'] }, 1);
    const [last] = tasks;
    return last === undefined ? null : (await this.tasks.result(last.id, hangPoster).get()).posterId;
  }

  private async lookForPrint(posterId: string): Promise<PrintStatus> {
    const task = this.tasks.result(printId(posterId), printPoster);
    try {
      const state = await task.state();
      if (state === 'SUCCESS') return { state: 'printed', sheet: (await task.get()).sheet };
      return { state: state === 'FAILURE' || state === 'REVOKED' ? 'failed' : 'printing' };
    } catch (error) {
      if (error instanceof UnknownTaskError) return { state: 'none' };
      throw error;
    }
  }
}

function printId(posterId: string): string {
  return `${posterId}.print`;
}
