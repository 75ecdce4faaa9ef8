import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask, type TaskContract } from '../contract/define-task.js';
import type { TaskRequest } from '../protocol/index.js';
import type { RegisteredHandler } from './handlers/handler-registry.js';
import { RateLimits } from './rate-limits.js';

const input = z.object({ customer: z.string(), plan: z.string().default('free') });
const free = defineTask({ name: 'a.free', queue: 'a', input });
const whole = defineTask({ name: 'a.whole', queue: 'a', input, rateLimit: '10/s' });
const keyed = defineTask({
  name: 'a.keyed',
  queue: 'a',
  input,
  rateLimit: '1/m',
  rateLimitKey: ({ customer, plan }) => `${plan}:${customer}`,
});

function limits(...contracts: TaskContract[]): { find: RateLimits['find']; warnings: string[] } {
  const warnings: string[] = [];
  const run = async (): Promise<void> => undefined;
  const handlers = new Map<string, RegisteredHandler>(
    contracts.map((contract) => [contract.name, { contract, pool: 'async', run }]),
  );
  const log = { log: () => undefined, error: () => undefined, warn: (line: string) => void warnings.push(line) };
  const rateLimits = new RateLimits(handlers, log);
  return { find: (given) => rateLimits.find(given), warnings };
}

function request(name: string, change: Partial<TaskRequest> = {}): TaskRequest {
  const base = { id: 'id', name, args: [], kwargs: { customer: 'ann' }, generation: 0, eta: null };
  return { ...base, ...change } as unknown as TaskRequest;
}

describe('whose rate a delivery counts to', () => {
  const later = new Date(Date.now() + 60_000);

  it.each([
    ['a task without a limit, which may get one', request('a.free'), { key: '', defaultIntervalUs: null }],
    ['a task with one', request('a.whole'), { key: '', defaultIntervalUs: 100_000 }],
    ['a task with a key, of the checked input', request('a.keyed'), { key: 'free:ann', defaultIntervalUs: 60_000_000 }],
    ['ours that is due, whatever its eta', request('a.whole', { eta: later }), { key: '', defaultIntervalUs: 100_000 }],
  ])('%s', async (_what, given, expected) => {
    expect(await limits(free, whole, keyed).find(given)).toEqual({ taskName: given.name, ...expected });
  });

  it.each([
    ["a foreign producer's for later", request('a.whole', { generation: null, eta: later })],
    ['one that nobody here runs', request('a.nother')],
  ])('%s: none for now', async (_what, given) => {
    expect(await limits(whole).find(given)).toBeNull();
  });

  it.each<[what: string, key: () => unknown, given: TaskRequest]>([
    ['a key function that throws', () => JSON.parse('{'), request('a.bad')],
    ['no text', () => undefined, request('a.bad')],
    ['text that Postgres does not take', () => 'a\0b', request('a.bad')],
    ['half a character', () => '\uD800', request('a.bad')],
    ['a text too long for an index', () => 'x'.repeat(256), request('a.bad')],
    ['refused input', () => 'never', request('a.bad', { kwargs: {} })],
    ['positional arguments', () => 'never', request('a.bad', { args: [1] })],
  ])("%s: the task's own, and a line in the log", async (_what, rateLimitKey, given) => {
    const bad = { ...keyed, name: 'a.bad', rateLimitKey: rateLimitKey as () => string };
    const { find, warnings } = limits(bad);
    expect(await find(given)).toEqual({ taskName: 'a.bad', key: '', defaultIntervalUs: 60_000_000 });
    expect(warnings).toEqual([expect.stringContaining('Task a.bad[id] has no rateLimitKey')]);
  });
});
