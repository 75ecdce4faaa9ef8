import { performance } from 'node:perf_hooks';
import type { TaskRun } from './task-run.js';
import type { WorkerLog } from './worker-log.js';

const LOOK_MS = 100;
/** So long a worker puts up with it. */
const THRESHOLD_MS = 1000;

/**
 * Says which task holds the event loop, and with it everything else in the worker. A timer that comes late shows that
 * something did; which of the running tasks it was is known when that was the handler's own call (before its first
 * `await`), or when there is one task only.
 */
export class LoopMonitor {
  private timer: NodeJS.Timeout | undefined;
  private lookedAtMs = 0;
  private lastUse = performance.eventLoopUtilization();

  constructor(
    private readonly running: () => Iterable<TaskRun>,
    private readonly log: WorkerLog,
  ) {}

  start(): void {
    this.lookedAtMs = performance.now();
    this.lastUse = performance.eventLoopUtilization();
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.lookedAtMs - LOOK_MS;
    const use = performance.eventLoopUtilization();
    // A process that was put to sleep is late as well, but was not busy.
    const heldMs = Math.min(lateMs, use.active - this.lastUse.active);
    this.lookedAtMs = nowMs;
    this.lastUse = use;
    const culprits = [...this.running()].filter((run) => run.heldLoopMs >= THRESHOLD_MS);
    for (const run of culprits) {
      this.log.warn(`${run.label} has held the event loop for ${seconds(run.heldLoopMs)} s.`);
      run.heldLoopMs = 0;
    }
    if (culprits.length === 0 && heldMs >= THRESHOLD_MS) this.reportLate(heldMs);
  }

  private reportLate(heldMs: number): void {
    const labels = Array.from(this.running(), ({ label }) => label);
    if (labels.length === 0) return;
    const suspects = labels.length === 1 ? labels[0] : `one of ${labels.join(', ')}`;
    this.log.warn(`The event loop was held for ${seconds(heldMs)} s, it seems by ${suspects}.`);
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
