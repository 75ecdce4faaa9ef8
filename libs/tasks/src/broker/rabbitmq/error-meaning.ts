/** What a sign matched: all of it, and its groups. */
type Found = [whole: string, one: string, two: string, three: string, four: string, five: string, six: string];

/** What an error looks like, as its code and its message, and how to say it to a person. */
export type Meaning<More extends unknown[] = []> = [sign: RegExp, say: (found: Found, ...more: More) => string];

/** @returns an error, said by the first meaning whose sign fits; its own words where none does */
export function meaningOf<More extends unknown[]>(
  meanings: ReadonlyArray<Meaning<More>>,
  error: unknown,
  ...more: More
): string {
  const sign = signOf(error);
  for (const [pattern, say] of meanings) {
    const found = pattern.exec(sign);
    if (found !== null) return say([...found] as unknown as Found, ...more);
  }
  return sign;
}

/** Code and message: each of them is missing at times. */
function signOf(error: unknown): string {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  return typeof code !== 'string' || message.includes(code) ? message : `${code} ${message}`.trim();
}
