import { InvalidArgumentError } from 'commander';
import { didYouMean } from './closest.js';

/** Reads an option that is names with commas between; given several times, it is all of them. Each counts once. */
export function list(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Expected names with commas between.');
  return [...new Set([...before, ...names])];
}

/** @returns a reader of options that are some of these words, which are in capitals */
export function oneOf<Word extends string>(words: readonly Word[]): (text: string, before?: readonly Word[]) => Word[] {
  return (text, before = []) => {
    const given = list(text).map((word) => word.toUpperCase());
    const strange = given.find((word) => !(words as readonly string[]).includes(word));
    if (strange === undefined) return [...before, ...(given as Word[])];
    throw new InvalidArgumentError(
      `There is no ${strange}.${didYouMean(strange, words)} There are ${words.join(', ')}.`,
    );
  };
}
