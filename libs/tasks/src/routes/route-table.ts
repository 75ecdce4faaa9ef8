import type { CallOptions } from '../contract/call-options.js';
import { checkRoute } from './check-route.js';
import { globPattern, isGlob } from './glob.js';
import { InvalidTaskRouteError } from './invalid-task-route.error.js';
import type { RouteFunction, RouteMap, RoutePair, TaskRoute, TaskRoutes } from './task-routes.js';

/** Has a route for a task of that name, or none. */
type NameRouter = (name: string) => TaskRoute | undefined;

/** One thing to ask, in its turn. */
type Router = { byName: NameRouter } | { byCall: RouteFunction; label: string };

/** {@link TaskRoutes}, checked and made ready to be asked for each call. */
export class RouteTable {
  private readonly routers: readonly Router[];

  /**
   * @param queues - the names of those that there are; null: any
   * @throws {@link InvalidTaskRouteError}
   */
  constructor(
    routes: TaskRoutes,
    private readonly queues: readonly string[] | null,
  ) {
    const list = Array.isArray(routes) ? (routes as Exclude<TaskRoutes, RouteMap>) : [routes as RouteMap];
    this.routers = list.map((each, index) => this.router(each, index));
  }

  /**
   * @returns undefined when the task has no route
   * @throws {@link InvalidTaskRouteError} when a function throws, or answers with what is no route
   */
  find(name: string, input: Record<string, unknown>, options: CallOptions): TaskRoute | undefined {
    for (const router of this.routers) {
      const route = 'byName' in router ? router.byName(name) : this.ask(router, name, input, options);
      if (route !== undefined) return route;
    }
    return undefined;
  }

  /** As {@link find}, before there is a call. @returns null when a function is asked first */
  findByName(name: string): TaskRoute | undefined | null {
    for (const router of this.routers) {
      const route = 'byName' in router ? router.byName(name) : null;
      if (route !== undefined) return route;
    }
    return undefined;
  }

  private ask(
    { byCall, label }: Extract<Router, { label: string }>,
    ...call: Parameters<RouteFunction>
  ): TaskRoute | undefined {
    const route = `${label} for ${call[0]}`;
    const answer = answerOf(byCall, call, route);
    return answer === undefined ? undefined : checkRoute(route, answer, this.queues);
  }

  private router(each: RouteMap | RoutePair | RouteFunction, index: number): Router {
    if (typeof each === 'function') return { byCall: each, label: `of the function ${each.name || `at ${index}`}` };
    if (Array.isArray(each)) return { byName: this.pairs([each as unknown as RoutePair], index) };
    if (typeof each === 'object' && each !== null)
      return { byName: this.pairs(Object.entries(each as RouteMap), index) };
    throw new InvalidTaskRouteError(
      `at ${index}`,
      null,
      each,
      'an object, a pair of a name and a route, or a function',
    );
  }

  private pairs(pairs: ReadonlyArray<RoutePair>, index: number): NameRouter {
    const exact = new Map<string, TaskRoute>();
    const patterns: Array<[pattern: RegExp, route: TaskRoute]> = [];
    for (const pair of pairs) {
      const pattern = patternOf(pair, index);
      const route = checkRoute(labelOf(pair[0]), pair[1], this.queues);
      if (typeof pattern === 'string') exact.set(pattern, route);
      else patterns.push([pattern, route]);
    }
    return (name) => exact.get(name) ?? patterns.find(([pattern]) => pattern.test(name))?.[1];
  }
}

function answerOf(ask: RouteFunction, call: Parameters<RouteFunction>, route: string): unknown {
  try {
    return ask(...call) ?? undefined;
  } catch (error) {
    throw new InvalidTaskRouteError(route, null, error, 'a route, or nothing to have the next one asked');
  }
}

function labelOf(name: string | RegExp): string {
  return typeof name === 'string' ? `"${name}"` : String(name);
}

/** @returns what it fits: just that name, or all that the pattern fits */
function patternOf(pair: RoutePair, index: number): string | RegExp {
  const [name] = pair;
  if (pair.length !== 2 || !(typeof name === 'string' || name instanceof RegExp)) {
    throw new InvalidTaskRouteError(`at ${index}`, null, pair, 'a pair of a name, a glob or a RegExp, and a route');
  }
  // With these two it would remember where the last test ended.
  if (name instanceof RegExp) return new RegExp(name, name.flags.replaceAll(/[gy]/g, ''));
  if (name === '') throw new InvalidTaskRouteError('""', null, pair[1], "a task's name or a glob to be before it");
  if (!isGlob(name)) return name;
  try {
    return globPattern(name);
  } catch (error) {
    const reason = (error as Error).message;
    throw new InvalidTaskRouteError(labelOf(name), null, name, `a glob such as feeds.* (this is none: ${reason})`);
  }
}
