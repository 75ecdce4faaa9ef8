const CHECK_INTERVAL_MS = 1000;

/**
 * Calls `stop` when the process that started this one is gone. A SIGTERM to npm kills npm alone, and what it started
 * would go on without anybody to stop it.
 */
export function stopWhenParentIsGone(stop: () => void): void {
  const parent = process.ppid;
  // Started by init itself (as in a container): there is no parent to lose.
  if (parent <= 1) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, CHECK_INTERVAL_MS);
  timer.unref();
}
