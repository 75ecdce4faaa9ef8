const CHECK_INTERVAL_MS = 1000;

/**
 * Calls `stop` when the npm that started this process is gone. A SIGTERM to npm kills npm alone, and what it started
 * would go on without anybody to stop it.
 */
export function stopWhenParentIsGone(stop: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, CHECK_INTERVAL_MS);
  timer.unref();
}
