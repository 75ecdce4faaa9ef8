/** What a worker has that neither the command line nor the app says. */
export const WORKER_DEFAULTS = { concurrency: 20, shutdownTimeoutMs: 8000 };
