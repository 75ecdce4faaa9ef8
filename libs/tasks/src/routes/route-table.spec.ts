import { describe, expect, it } from '@jest/globals';
import { InvalidTaskRouteError } from './invalid-task-route.error.js';
import { RouteTable } from './route-table.js';
import type { TaskRoutes } from './task-routes.js';

const QUEUES = ['feeds', 'web', 'media', 'slow', 'mail'];

function queueOf(routes: TaskRoutes, name: string): string | undefined {
  return new RouteTable(routes, QUEUES).find(name, {}, {})?.queue;
}

describe('RouteTable', () => {
  it.each<[what: string, routes: TaskRoutes, queues: Record<string, string | undefined>]>([
    ['an exact name', { 'feed.import': 'feeds' }, { 'feed.import': 'feeds', 'feed.imports': undefined }],
    [
      'a glob',
      { 'feed.*': 'feeds' },
      { 'feed.a': 'feeds', 'feed.a.b': 'feeds', feed: undefined, 'a.feed.b': undefined },
    ],
    ['a dot as a dot', { 'a.b*': 'web' }, { 'a.b': 'web', aXb: undefined }],
    ['all tasks', { '*': 'slow' }, { a: 'slow', '': 'slow', 'a\nb': 'slow' }],
    ['one character', { 'a.?': 'web' }, { 'a.b': 'web', 'a.bc': undefined, 'a.': undefined }],
    ['a set', { 'a.[bc]': 'web' }, { 'a.b': 'web', 'a.c': 'web', 'a.d': undefined }],
    ['a range', { 'v[1-3].*': 'web' }, { 'v2.a': 'web', 'v4.a': undefined }],
    ['what is not in a set', { 'a.[!b^]': 'web' }, { 'a.c': 'web', 'a.b': undefined, 'a.^': undefined }],
    ['a set of special characters', { 'a[\\^+]*': 'web' }, { 'a\\': 'web', 'a^': 'web', 'a+b': 'web', ab: undefined }],
    ['the exact name before globs', { '*': 'slow', 'a.b': 'web' }, { 'a.b': 'web', 'a.c': 'slow' }],
    ['globs in their order', { 'a.*': 'web', 'a.b*': 'feeds' }, { 'a.b': 'web' }],
    ['names that objects have', { a: 'web' }, { toString: undefined, constructor: undefined }],
    ['no routes', {}, { a: undefined }],
    [
      "the array of Celery's guide",
      [
        ['feed.tasks.*', 'feeds'],
        ['web.tasks.*', { queue: 'web' }],
        [/^(video|image)\.tasks\..*/, { queue: 'media' }],
      ],
      { 'feed.tasks.a': 'feeds', 'web.tasks.a': 'web', 'image.tasks.a': 'media', 'a.image.tasks.a': undefined },
    ],
    ['a RegExp anywhere', [[/urgent/, 'web']], { 'a.urgent.b': 'web', 'a.URGENT': undefined }],
    [
      'an array in its order, globs too',
      [
        ['a.*', 'web'],
        ['a.b', 'feeds'],
      ],
      { 'a.b': 'web' },
    ],
    ['objects in an array, one after the other', [{ 'a.b': 'web' }, { '*': 'slow' }], { 'a.b': 'web', a: 'slow' }],
    [
      'a function in its turn',
      [['a.b', 'web'], (name) => (name.startsWith('a') ? 'feeds' : undefined), { '*': { queue: 'slow' } }],
      { 'a.b': 'web', 'a.c': 'feeds', b: 'slow' },
    ],
  ])('finds %s', (_what, routes, queues) => {
    const found = Object.keys(queues).map((name) => [name, queueOf(routes, name)]);
    expect(Object.fromEntries(found)).toEqual(queues);
  });

  it('finds the same each time, whatever the flags of the RegExp', () => {
    const table = new RouteTable([[/a/gy, 'web']], QUEUES);
    expect([1, 2, 3].map(() => table.find('xa', {}, {})?.queue)).toEqual(['web', 'web', 'web']);
  });

  it('asks a function with the call', () => {
    const seen: unknown[] = [];
    const table = new RouteTable([(...call) => void seen.push(call)], QUEUES);
    expect(table.find('a', { x: 1 }, { priority: 3 })).toBeUndefined();
    expect(seen).toEqual([['a', { x: 1 }, { priority: 3 }]]);
  });

  it('says before there is a call what only a call decides', () => {
    const routes: TaskRoutes = [{ 'a.b': 'web' }, () => 'feeds', { '*': 'slow' }];
    const table = new RouteTable(routes, QUEUES);
    expect([table.findByName('a.b'), table.findByName('a.c')]).toEqual([{ queue: 'web' }, null]);
    expect(new RouteTable({ a: 'web' }, QUEUES).findByName('b')).toBeUndefined();
  });

  it('takes a queue of others with an exchange, and any queue where none are known', () => {
    expect(queueOf({ a: { queue: 'python', exchange: '' } }, 'a')).toBe('python');
    expect(new RouteTable({ a: 'any' }, null).find('a', {}, {})).toEqual({ queue: 'any' });
  });

  it.each<[routes: unknown, route: string, field: string | null, message: RegExp]>([
    [
      { 'a.*': 'fees' },
      '"a.*"',
      'queue',
      /queue='fees': expected one of the module's queues, feeds, web, .*exchange: ''/,
    ],
    [{ a: { queue: 5 } }, '"a"', 'queue', /queue=5: expected some text/],
    [{ a: { queue: 'web', priority: 300 } }, '"a"', 'priority', /priority=300: expected a whole number from 0 to 255/],
    [{ a: { exchange: 'x'.repeat(256) } }, '"a"', 'exchange', /of 255 bytes at most/],
    [{ a: { routingKey: '' } }, '"a"', 'routingKey', /expected some text/],
    [
      { a: { que: 'web' } },
      '"a"',
      null,
      /\{ que: 'web' \}: expected no fields but queue, exchange, routingKey, priority/,
    ],
    [{ a: { toString: 'web' } }, '"a"', null, /no fields but/],
    [{ a: null }, '"a"', null, /is null: expected the name of a queue, or an object of queue,/],
    [{ a: ['web'] }, '"a"', null, /is \[ 'web' \]: expected the name/],
    [{ a: '' }, '"a"', 'queue', /some text/],
    [{ '': 'web' }, '""', null, /is 'web': expected a task's name or a glob to be before it/],
    [{ 'a.[bc': 'web' }, '"a.[bc"', null, /is 'a\.\[bc': expected a glob such as feeds\.\* .*"\[" needs a "\]"/],
    [{ 'a.[]': 'web' }, '"a.[]"', null, /expected a glob/],
    [{ 'a.[z-a]': 'web' }, '"a.[z-a]"', null, /expected a glob.*order/],
    [[['a', 'web', 'slow']], 'at 0', null, /expected a pair of a name, a glob or a RegExp, and a route/],
    [[[['a', 'web']]], 'at 0', null, /expected a pair/],
    [[[/a/, 'fees']], '/a/', 'queue', /'fees'/],
    [['web'], 'at 0', null, /is 'web': expected an object, a pair of a name and a route, or a function/],
    [[{ a: 'web' }, null], 'at 1', null, /expected an object/],
    ['web', 'at 0', null, /expected an object/],
  ])('refuses %j', (routes, route, field, message) => {
    const make = (): unknown => new RouteTable(routes as TaskRoutes, QUEUES);
    expect(make).toThrow(InvalidTaskRouteError);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ route, field }));
  });

  it('refuses a promise, even one that fails, and says whose', () => {
    const byTenant = (): Promise<never> => Promise.reject(new Error('away'));
    const table = new RouteTable([byTenant as never], QUEUES);
    expect(() => table.find('a.b', {}, {})).toThrow(/of the function byTenant for a\.b is a promise: .*not be async/);
  });

  it('refuses what a function answers, and says which', () => {
    const byTenant = (): string => 'fees';
    const table = new RouteTable([byTenant], QUEUES);
    expect(() => table.find('a.b', {}, {})).toThrow(/of the function byTenant for a\.b has queue='fees'/);
    const broken = new RouteTable([(_name, { tenant }) => (tenant as string).slice(1)], QUEUES);
    expect(() => broken.find('a', {}, {})).toThrow(
      /of the function at 0 for a has thrown ".*undefined.*": expected a route/,
    );
    expect(() => broken.find('a', {}, {})).toThrow(InvalidTaskRouteError);
    const nameless = new RouteTable([(): never => 5 as never], QUEUES);
    expect(() => nameless.find('a', {}, {})).toThrow(/of the function at 0 for a is 5/);
  });
});
