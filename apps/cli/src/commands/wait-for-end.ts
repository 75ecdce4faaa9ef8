import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredResult } from '@celeriac/tasks';
import type { OpenApp } from '../app/open-app.js';
import { ExitCode } from '../exit-code.js';
import { ProgressBar } from '../terminal/progress-bar.js';
import { exitCodeOf } from './task-report.js';

const LOOK_MS = 300;

/**
 * Waits until a task has ended, or the time is over. On a terminal it shows how far the task says that it is.
 *
 * @param wait - seconds; true: for ever
 */
export async function waitForEnd(app: OpenApp, id: string, wait: number | true): Promise<void> {
  const stopAtMs = wait === true ? Infinity : performance.now() + wait * 1000;
  const bar = new ProgressBar();
  try {
    for (;;) {
      const [result] = await app.store.outbox.results([id]);
      const leftMs = stopAtMs - performance.now();
      if (result === undefined || exitCodeOf(result.state) !== ExitCode.notYet || leftMs <= 0) return;
      showProgress(bar, result);
      await sleep(Math.min(LOOK_MS, leftMs));
    }
  } finally {
    bar.clear();
  }
}

/** What a task says of itself may be anything; what `task.progress()` says has numbers. */
function showProgress(bar: ProgressBar, { state, progress }: StoredResult): void {
  const meta = (progress?.meta ?? {}) as { current?: unknown; total?: unknown; message?: unknown };
  const { current, total, message } = typeof meta === 'object' ? meta : {};
  const label = typeof message === 'string' ? message : state;
  if (typeof current === 'number') bar.show(label, current, typeof total === 'number' ? total : null);
  else bar.say(label);
}
