import { inspect } from 'node:util';
import type { TaskRoute } from './task-routes.js';

/** A task route that makes no sense: found at boot, or, of a function, at the call. Nothing is sent then. */
export class InvalidTaskRouteError extends Error {
  override readonly name = 'InvalidTaskRouteError';

  /**
   * @param route - what it is for, such as `"feeds.*"`
   * @param field - the part of it that is wrong; null for the whole
   * @param given - what it is, or what the function has thrown
   */
  constructor(
    readonly route: string,
    readonly field: keyof TaskRoute | null,
    readonly given: unknown,
    readonly expected: string,
  ) {
    super(`The task route ${route} ${problemOf(field, given)}: expected ${expected}.`);
  }
}

function problemOf(field: keyof TaskRoute | null, given: unknown): string {
  if (given instanceof Error) return `has thrown "${given.message}"`;
  // Inside one there may be anything of Node's own.
  if (given instanceof Promise) return 'is a promise';
  const shown = inspect(given, { depth: 1, maxStringLength: 80, breakLength: Infinity });
  return field === null ? `is ${shown}` : `has ${field}=${shown}`;
}
