import { inspect } from 'node:util';
import type { TaskRoute } from './task-routes.js';

/** A task route that makes no sense. Found at boot; what a function answers, at the call, of which nothing is sent. */
export class InvalidTaskRouteError extends Error {
  override readonly name = 'InvalidTaskRouteError';

  /**
   * @param route - what it is for, such as `"feeds.*"`
   * @param field - the part of it that is wrong; null for the whole
   */
  constructor(
    readonly route: string,
    readonly field: keyof TaskRoute | null,
    readonly given: unknown,
    readonly expected: string,
  ) {
    const shown = inspect(given, { depth: 1, maxStringLength: 80, breakLength: Infinity });
    super(`The task route ${route} ${field === null ? `is ${shown}` : `has ${field}=${shown}`}: expected ${expected}.`);
  }
}
