import type { WorkerStore } from '../store/task-store.js';
import { revokeRun } from './revoked-run.js';
import { TaskRevokedError } from './task-errors.js';
import type { TaskRun } from './task-run.js';
import type { WorkerLog } from './worker-log.js';

/** Asks whether running tasks have been revoked: once a second for all of them, and never while none runs. */
export class RevokeWatch {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  /** @param runs - by task id; the worker's own map, as it is at any moment */
  constructor(
    private readonly runs: ReadonlyMap<string, TaskRun>,
    private readonly parts: { store: Pick<WorkerStore, 'findRevoked'>; log: WorkerLog },
    private readonly intervalMs = 1000,
  ) {}

  /** To be called when a run begins. */
  watch(): void {
    if (!this.stopped) this.timer ??= setTimeout(() => void this.look(), this.intervalMs);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    const { store, log } = this.parts;
    const open = [...this.runs.values()].filter((run) => !run.isDecided).map(({ claim }) => claim.taskId);
    try {
      const revoked = open.length === 0 ? [] : await store.findRevoked(open);
      for (const { taskId, terminate } of revoked) {
        const run = this.runs.get(taskId);
        if (run !== undefined) revokeRun(run, new TaskRevokedError(taskId, terminate), log);
      }
    } catch (error) {
      log.warn(`Revokes cannot be looked for at the moment: ${String(error)}`);
    }
    this.timer = undefined;
    if (this.runs.size > 0) this.watch();
  }
}
