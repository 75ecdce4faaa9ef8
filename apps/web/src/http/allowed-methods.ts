import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** @returns the methods that an address knows, in alphabetic order; none when there is nothing */
    allowedMethods(url: string): string[];
  }
}

/** What is known of one address. */
interface Route {
  pattern: RegExp;
  methods: Set<string>;
}

/** Notes the methods of all routes that are registered from now on, for {@link FastifyInstance.allowedMethods}. */
export function noteMethods(fastify: FastifyInstance): void {
  const routes = new Map<string, Route>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const each of [method].flat()) route.methods.add(each);
    routes.set(url, route);
  });
  fastify.decorate('allowedMethods', (url) => {
    const path = url.replace(/\?.*$/s, '');
    const found = [...routes.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].toSorted();
  });
}

/** A parameter stands for anything without a slash, and a slash at the end says nothing. */
function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replace(/:[^/]+/g, '[^/]+').replace(/\/$/, '')}/?$`);
}
