import type { CallOptions } from '../contract/call-options.js';

/**
 * Where a task goes, and with what priority: a queue among the module's, which is reached as it is declared, or an
 * exchange and a routing key. What is left out is as if there were no route.
 */
export type TaskRoute = Pick<CallOptions, 'queue' | 'exchange' | 'routingKey' | 'priority'>;

/**
 * Decides by the call. Undefined: the next one is asked.
 *
 * @param input - what travels as kwargs: the whole input, unless a Python client or `sendTask` has given some of it by
 *   position
 * @param options - those of the call; of a follow-up in a Python client's canvas its headers, its priority, and where it
 *   says itself that it goes
 */
export type RouteFunction = (
  name: string,
  input: Readonly<Record<string, unknown>>,
  options: Readonly<CallOptions>,
) => string | TaskRoute | undefined;

/** By task name, or by a glob: `*` any text, `?` one character, `[ab]` one of these, `[!ab]` one of the others. */
export type RouteMap = Readonly<Record<string, string | TaskRoute>>;

/** A task name, a glob or a RegExp (anywhere in the name, unless it begins with `^`), and where these go. */
export type RoutePair = readonly [name: string | RegExp, route: string | TaskRoute];

/**
 * Which tasks go where; Celery's `task_routes`. A queue's name is short for `{ queue }`. Of an object the exact name
 * counts, then the first glob that fits; of an array, the first that has a route for the task.
 *
 * What a call says itself counts more than its route, and a route counts more than the contract: a contract's queue is
 * what its author found sensible, and routes are configuration. (In Celery a queue in the task's own decorator counts
 * more than routes; most tasks there have none.) A call that names a queue takes nothing of its route but the priority.
 * What is broadcast has no route: it goes to the workers of its contract's queue.
 */
export type TaskRoutes = RouteMap | ReadonlyArray<RouteMap | RoutePair | RouteFunction>;
