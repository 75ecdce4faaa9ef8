import { InvalidArgumentError } from 'commander';

/** @returns a reader of options that are whole numbers within bounds */
export function wholeNumber(least: number, most = Infinity): (text: string) => number {
  const expected = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`;
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number ${expected}.`);
  };
}

/** Reads an option that is a time in seconds; 0 is one. */
export function seconds(text: string): number {
  const number = readSeconds(text);
  if (number !== undefined) return number;
  throw new InvalidArgumentError('Expected seconds, such as 90 or 0.5.');
}

/** Reads an option that is any number. */
export function decimal(text: string): number {
  const number = /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!Number.isNaN(number)) return number;
  throw new InvalidArgumentError('Expected a number, such as 48.21 or -16.37.');
}

/** @returns a number of seconds, 0 or more; undefined when the text is none */
export function readSeconds(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
