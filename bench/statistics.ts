/** Several measurements of the same. */
export interface Summary {
  median: number;
  min: number;
  max: number;
}

/** @throws RangeError when there are none */
export function summaryOf(values: readonly number[]): Summary {
  const sorted = values.toSorted((one, other) => one - other);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined)
    throw new RangeError('There is nothing to sum up: no run has ended well.');
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? min) + (sorted[Math.ceil(middle)] ?? min)) / 2;
  return { median, min, max };
}

/** @param fraction - 0.99 for p99 @returns the value that so many are not above */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}
