export { AppLogger } from './app-logger.js';
export { serveHealth, type Health } from './health-server.js';
export { stopWhenParentIsGone } from './parent-watch.js';
export { readFlag, UsageError } from './read-flag.js';
export { runProcess, type Stoppable } from './run-process.js';
export { isLoginRefused } from './start-problem.js';
