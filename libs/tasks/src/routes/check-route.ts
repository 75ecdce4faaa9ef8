import { priority, shortText, type Rule } from '../contract/option-rules.js';
import { InvalidTaskRouteError } from './invalid-task-route.error.js';
import type { TaskRoute } from './task-routes.js';

const RULES: Readonly<Record<keyof TaskRoute, Rule>> = {
  queue: shortText,
  exchange: [(value) => value === '' || shortText[0](value), 'text, of 255 bytes at most'],
  routingKey: shortText,
  priority,
};
const FIELDS = Object.keys(RULES).join(', ');

/**
 * Checks what the compiler cannot, or what is not checked by it: routes are configuration.
 *
 * @param label - what to call the route
 * @param given - a queue's name, or a route
 * @param queues - the names of those that there are; null: any
 * @throws {@link InvalidTaskRouteError}
 */
export function checkRoute(label: string, given: unknown, queues: readonly string[] | null): TaskRoute {
  const route: unknown = typeof given === 'string' ? { queue: given } : given;
  if (typeof route !== 'object' || route === null || Array.isArray(route)) {
    throw new InvalidTaskRouteError(label, null, given, `the name of a queue, or an object of ${FIELDS}`);
  }
  if ('then' in route) {
    // Whatever becomes of it, nobody waits for it.
    void Promise.resolve(route).catch(() => undefined);
    throw new InvalidTaskRouteError(label, null, given, 'a route at once: the function may not be async');
  }
  for (const [field, value] of Object.entries(route)) {
    if (!Object.hasOwn(RULES, field)) throw new InvalidTaskRouteError(label, null, given, `no fields but ${FIELDS}`);
    const [fits, expected] = RULES[field as keyof TaskRoute];
    if (value !== undefined && !fits(value)) {
      throw new InvalidTaskRouteError(label, field as keyof TaskRoute, value, expected);
    }
  }
  const { queue, exchange } = route as TaskRoute;
  if (queue !== undefined && exchange === undefined && queues?.includes(queue) === false) {
    const names = queues.length === 0 ? '(there are none)' : queues.join(', ');
    const cure = "add it to them, or say exchange: '' if it is others' to declare";
    throw new InvalidTaskRouteError(label, 'queue', queue, `one of the module's queues, ${names}: ${cure}`);
  }
  return route;
}
