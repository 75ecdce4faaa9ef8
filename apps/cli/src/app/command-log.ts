import type { LoggerService } from '@nestjs/common';

/**
 * What the app logs while a command runs: errors alone, on the error output. That Postgres cannot be reached is told to
 * the command instead: `@nestjs/typeorm` logs it, and would try again for half a minute.
 */
export class CommandLog implements LoggerService {
  /** Rejects, with the reason, as soon as the database turns out not to be usable. */
  readonly databaseAway: Promise<never>;
  private tellAway!: (reason: Error) => void;

  constructor(private readonly write: (text: string) => void) {
    this.databaseAway = new Promise((_resolve, reject) => (this.tellAway = reject));
    // Nobody may be waiting for it (any more).
    this.databaseAway.catch(() => undefined);
  }

  log(): void {}

  warn(): void {}

  error(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (context === 'TypeOrmModule') this.tellAway(new DatabaseAwayError(firstLineOf(rest[0] ?? message)));
    // Nest logs what it throws.
    else if (context !== 'ExceptionHandler') this.write(`${String(message)}\n`);
  }

  fatal(message: unknown): void {
    this.write(`${String(message)}\n`);
  }
}

/** The app's database cannot be opened. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';

  constructor(readonly reason: string) {
    super(`Postgres cannot be used: ${reason}`);
  }
}

function firstLineOf(stack: unknown): string {
  return String(stack).split('\n', 1)[0] as string;
}
