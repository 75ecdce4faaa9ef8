export { AppLogger } from './app-logger.js';
export { stopWhenParentIsGone } from './parent-watch.js';
export { runProcess, type Stoppable } from './run-process.js';
export { isLoginRefused } from './start-problem.js';
