import { parseArgs } from 'node:util';

/** A process was started with an option that it does not know. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the one option that a process has.
 *
 * @param meaning - what it is for, to be told to who gives another one: `to begin with an empty database`
 * @returns whether it is given
 * @throws {@link UsageError} when something else is
 */
export function readFlag(name: string, meaning: string): boolean {
  try {
    return parseArgs({ options: { [name]: { type: 'boolean' } } }).values[name] === true;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${problem}. There is one option: --${name}, ${meaning}.`);
  }
}
