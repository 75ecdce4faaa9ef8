const PLAIN_ERRORS = new Set(['Error', 'TypeError', 'ReferenceError', 'SyntaxError', 'RangeError']);

/** @returns the message of an error that somebody gave a name of its own; of all others, where they come from too */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return PLAIN_ERRORS.has(error.name) ? (error.stack ?? String(error)) : `${error.name}: ${error.message}`;
}
