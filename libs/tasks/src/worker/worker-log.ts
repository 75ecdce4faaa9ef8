/** Where the worker says what becomes of its tasks; Nest's Logger fits. */
export interface WorkerLog {
  debug?(message: string): void;
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
}

/** How a task is called in the log. */
export function taskLabel({ name, id }: { name: string; id: string }): string {
  return `Task ${name}[${id}]`;
}
