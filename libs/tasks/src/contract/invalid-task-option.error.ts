/** An option of a task that makes no sense, in its contract or in its annotations. Found when the code is loaded. */
export class InvalidTaskOptionError extends Error {
  override readonly name = 'InvalidTaskOptionError';

  constructor(
    readonly taskName: string,
    readonly option: string,
    readonly given: unknown,
    readonly expected: string,
  ) {
    super(`Task ${taskName} has ${option}=${textOf(given)}: expected ${expected}.`);
  }
}

function textOf(given: unknown): string {
  return typeof given === 'string' ? JSON.stringify(given) : String(given);
}
