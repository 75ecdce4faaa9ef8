import type { LogLevel, LogLine } from '../store/task-store.js';

/** What a handler logs with: the worker's log, and a copy that is kept with the attempt. */
export class TaskLog {
  constructor(private readonly write: (level: LogLevel, message: string) => void) {}

  debug(message: string): void {
    this.write('debug', message);
  }

  log(message: string): void {
    this.write('log', message);
  }

  warn(message: string): void {
    this.write('warn', message);
  }

  error(message: string): void {
    this.write('error', message);
  }
}

const MOST_LINES = 200;
const MOST_CHARACTERS = 16_384;

/** The lines of one attempt: the first ones, and how many more there were. */
export class AttemptLog {
  private readonly kept: LogLine[] = [];
  private characters = 0;
  private leftOut = 0;

  add(level: LogLevel, message: string): void {
    const isFull = this.leftOut > 0 || this.kept.length >= MOST_LINES;
    if (isFull || this.characters + message.length > MOST_CHARACTERS) {
      this.leftOut += 1;
      return;
    }
    this.characters += message.length;
    this.kept.push({ at: new Date().toISOString(), level, message });
  }

  get lines(): LogLine[] {
    if (this.leftOut === 0) return this.kept;
    const message = `${this.leftOut} more lines were left out: ${MOST_LINES} lines and ${MOST_CHARACTERS} characters are kept.`;
    return [...this.kept, { at: new Date().toISOString(), level: 'warn', message }];
  }
}
