/** Most characters of what is looked for. */
export const MAX_SEARCHED_LENGTH = 200;

/** Whether a mail can hold this at all: Postgres knows no NUL and no half of a surrogate pair. */
export function isSearchable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
