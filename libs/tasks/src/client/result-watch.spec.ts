import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { StoredResult } from '../store/result-store.js';
import { ResultsClosedError, ResultTimeoutError, UnknownTaskError } from './result-errors.js';
import { ResultWatch } from './result-watch.js';

const stored = (taskId: string, state: StoredResult['state']): StoredResult => ({
  taskId,
  state,
  result: `of ${taskId}`,
  error: null,
  progress: null,
});

describe('ResultWatch', () => {
  let rows: Map<string, StoredResult['state']>;
  let queries: string[][];
  let failure: Error | null;
  let watch: ResultWatch;

  beforeEach(() => {
    jest.useFakeTimers();
    rows = new Map();
    queries = [];
    failure = null;
    watch = new ResultWatch({
      results: async (ids) => {
        queries.push([...ids]);
        if (failure !== null) throw failure;
        return ids.flatMap((id) => (rows.has(id) ? [stored(id, rows.get(id) as StoredResult['state'])] : []));
      },
    });
  });

  afterEach(async () => {
    await watch.close();
    jest.useRealTimers();
  });

  it('asks once for all who wait, until each has its end, and then no more', async () => {
    for (const id of ['a', 'b', 'c']) rows.set(id, 'PENDING');
    const ends = ['a', 'b', 'c', 'a'].map((id) => watch.ended(id, undefined));
    await jest.advanceTimersByTimeAsync(0);
    expect(queries).toEqual([['a', 'b', 'c']]);
    rows.set('a', 'SUCCESS');
    await jest.advanceTimersByTimeAsync(250);
    rows.set('b', 'FAILURE').set('c', 'REVOKED');
    await jest.advanceTimersByTimeAsync(250);
    expect(queries).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
    expect((await Promise.all(ends)).map(({ state }) => state)).toEqual(['SUCCESS', 'FAILURE', 'REVOKED', 'SUCCESS']);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(queries).toHaveLength(3);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('finds what has ended for one who does not want to wait', async () => {
    rows.set('a', 'SUCCESS').set('b', 'PENDING');
    const [ended, waiting] = [watch.ended('a', 0), watch.ended('b', 0)];
    const refused = expect(waiting).rejects.toMatchObject({ name: 'ResultTimeoutError', state: 'PENDING' });
    await jest.advanceTimersByTimeAsync(0);
    expect(await ended).toMatchObject({ state: 'SUCCESS' });
    await refused;
  });

  it.each([-1, NaN])('refuses to wait for %d ms', async (timeoutMs) => {
    await expect(watch.ended('a', timeoutMs)).rejects.toThrow(`timeoutMs=${timeoutMs}: expected 0 or more`);
  });

  it('asks no more often for one who comes later', async () => {
    rows.set('a', 'STARTED').set('b', 'SUCCESS');
    const first = watch.ended('a', 1000).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(100);
    const second = watch.ended('b', undefined);
    await jest.advanceTimersByTimeAsync(150);
    expect((await second).state).toBe('SUCCESS');
    expect(queries).toEqual([['a'], ['a', 'b']]);
    await jest.advanceTimersByTimeAsync(1000);
    expect(await first).toBeInstanceOf(ResultTimeoutError);
  });

  it('gives up after the time that it was given, and says what the task is', async () => {
    rows.set('a', 'RETRY');
    const waiting = watch.ended('a', 600).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(600);
    expect(await waiting).toMatchObject({ name: 'ResultTimeoutError', taskId: 'a', timeoutMs: 600, state: 'RETRY' });
  });

  it('says of an id that is not there that it is not', async () => {
    const waiting = watch.ended('nobody', undefined).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    expect(await waiting).toBeInstanceOf(UnknownTaskError);
  });

  it('waits on while the store is away', async () => {
    rows.set('a', 'SUCCESS');
    failure = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const waiting = watch.ended('a', undefined);
    const impatient = watch.ended('a', 300).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(500);
    expect(await impatient).toMatchObject({ name: 'ResultTimeoutError', state: null });
    failure = null;
    await jest.advanceTimersByTimeAsync(250);
    expect((await waiting).state).toBe('SUCCESS');
  });

  it('passes on what the store can never answer', async () => {
    failure = Object.assign(new Error('no such column'), { code: '42703' });
    const waiting = watch.ended('a', undefined).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    expect(await waiting).toBe(failure);
  });

  it('ends all waits when it is closed', async () => {
    rows.set('a', 'PENDING');
    const waiting = watch.ended('a', 10_000).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    await watch.close();
    expect(await waiting).toBeInstanceOf(ResultsClosedError);
    await expect(watch.ended('a', undefined)).rejects.toThrow(ResultsClosedError);
    expect(jest.getTimerCount()).toBe(0);
  });
});
