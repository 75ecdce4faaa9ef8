import { InvalidArgumentError } from 'commander';

/** Reads an option that is a JSON array, of positional arguments. */
export function jsonArray(text: string): unknown[] {
  const value = readJson(text);
  if (Array.isArray(value)) return value;
  throw new InvalidArgumentError('Expected a JSON array, such as [1, "two"].');
}

/** Reads an option that is a JSON object, of named arguments. */
export function jsonObject(text: string): Record<string, unknown> {
  const value = readJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidArgumentError('Expected a JSON object, such as {"to": "ada@example.com"}.');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidArgumentError(`It is no JSON${placeOf(text)}`);
  }
}

/** Says where the text stops being JSON, with a mark under it; Node says so for some mistakes only. */
function placeOf(text: string): string {
  const index = badCharacterOf(text);
  if (index === text.length) return ': it ends too early.';
  const line = text.slice(0, index).split('\n').length;
  const start = text.lastIndexOf('\n', index - 1) + 1;
  const [shown] = text.slice(start).split('\n', 1);
  const where = line === 1 ? `character ${index - start + 1}` : `line ${line}, character ${index - start + 1}`;
  return ` from ${where} on:\n  ${shown}\n  ${' '.repeat(index - start)}^`;
}

/** The first character that cannot go on what is before it; the text's length when it only lacks its end. */
function badCharacterOf(text: string): number {
  let [good, bad] = [0, text.length + 1];
  // What begins wrongly stays wrong, however it goes on: so the place can be found by halves.
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (mayGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** Whether a text is JSON, or could be with more after it. */
function mayGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    const position = /at position (\d+)/.exec(message)?.[1];
    if (/Unterminated/.test(message)) return true;
    return position === undefined ? /end of JSON input/.test(message) : Number(position) >= text.length;
  }
}
