import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimToken, WorkerStore } from '../store/task-store.js';

/** Between two writes of one run: nobody looks more often. */
const PAUSE_MS = 100;

/**
 * Writes what a run reports of itself, beside the run: the last report counts, those that came during a write are
 * written as one. A write that fails is worth no error, since the next one, or the settle, has it too.
 */
export class ProgressWriter {
  private unwritten: string | null = null;
  private isWriting = false;
  private isClosed = false;

  constructor(
    private readonly token: ClaimToken,
    private readonly store: Pick<WorkerStore, 'writeProgress'>,
  ) {}

  /** @param progress - JSON */
  report(progress: string): void {
    if (this.isClosed) return;
    this.unwritten = progress;
    if (!this.isWriting) void this.write();
  }

  /** Ends it. @returns the last report, if it has not been written */
  close(): string | null {
    this.isClosed = true;
    return this.unwritten;
  }

  private async write(): Promise<void> {
    this.isWriting = true;
    while (this.unwritten !== null && !this.isClosed) {
      const progress = this.unwritten;
      const isWritten = await this.store.writeProgress({ ...this.token, progress }).then(
        () => true,
        () => false,
      );
      if (isWritten && this.unwritten === progress) this.unwritten = null;
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
    this.isWriting = false;
  }
}
