/** Where the worker says what becomes of its tasks; Nest's Logger fits. */
export interface WorkerLog {
  debug?(message: string): void;
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
}
