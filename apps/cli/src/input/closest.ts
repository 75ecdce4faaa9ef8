/** More mistakes than this part of a name, and another one was meant. */
const MOST_MISTAKES = 0.45;

/** @returns ` Did you mean ...?` where one of the names is much like the one given, else nothing */
export function didYouMean(given: string, names: readonly string[]): string {
  const name = closest(given, names);
  return name === undefined ? '' : ` Did you mean ${name}?`;
}

/** @returns the name that was probably meant; undefined when none is much like it */
export function closest(given: string, names: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  if (wanted === '') return undefined;
  const ranked = names
    .map((name) => ({ name, mistakes: mistakesBetween(wanted, name.toLowerCase()) }))
    .filter(({ name, mistakes }) => mistakes <= MOST_MISTAKES * Math.max(wanted.length, name.length))
    .toSorted((a, b) => a.mistakes - b.mistakes);
  return ranked[0]?.name;
}

/** How many letters have to be put in, left out or changed, or neighbours swapped (Damerau and Levenshtein). */
function mistakesBetween(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, n) => n)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          isSwapped ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
