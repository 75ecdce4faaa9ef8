import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RevokedRun } from '../store/revokes.js';
import { RevokeWatch } from './revoke-watch.js';
import type { TaskRun } from './task-run.js';

describe('a revoke watch', () => {
  const runs = new Map<string, TaskRun>();
  const warnings: string[] = [];
  const log = { log: () => undefined, error: () => undefined, warn: (line: string) => void warnings.push(line) };
  const asked: string[][] = [];
  let answer: () => RevokedRun[];
  let watch: RevokeWatch;

  beforeEach(() => {
    jest.useFakeTimers();
    runs.clear();
    asked.length = 0;
    warnings.length = 0;
    answer = () => [];
    const findRevoked = async (ids: readonly string[]): Promise<RevokedRun[]> => {
      asked.push([...ids]);
      return answer();
    };
    watch = new RevokeWatch(runs, { store: { findRevoked }, log });
  });

  afterEach(() => {
    watch.stop();
    jest.useRealTimers();
  });

  function begin(id: string): AbortController {
    const abort = new AbortController();
    const run = { claim: { taskId: id }, label: id, isDecided: false, revoked: null, abort };
    runs.set(id, run as unknown as TaskRun);
    watch.watch();
    return abort;
  }

  it('asks once a second for all that runs, with one timer, and not at all while nothing does', async () => {
    await jest.advanceTimersByTimeAsync(10_000);
    expect([asked, jest.getTimerCount()]).toEqual([[], 0]);
    begin('a');
    begin('b');
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(2000);
    expect(asked).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    runs.clear();
    await jest.advanceTimersByTimeAsync(10_000);
    expect([asked.length, jest.getTimerCount()]).toEqual([2, 0]);
  });

  it('tells those that were revoked, and none that has ended meanwhile', async () => {
    const [first, second] = [begin('a'), begin('b')];
    answer = () => ['a', 'gone'].map((taskId) => ({ taskId, terminate: false }));
    await jest.advanceTimersByTimeAsync(1000);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false]);
  });

  it('goes on after the store was away', async () => {
    const run = begin('a');
    answer = () => {
      throw new Error('away');
    };
    await jest.advanceTimersByTimeAsync(1000);
    expect(warnings).toHaveLength(1);
    answer = () => [{ taskId: 'a', terminate: false }];
    await jest.advanceTimersByTimeAsync(1000);
    expect(run.signal.aborted).toBe(true);
  });

  it('asks nothing once it is stopped, also if it was just asking', async () => {
    begin('a');
    answer = () => {
      watch.stop();
      return [];
    };
    await jest.advanceTimersByTimeAsync(5000);
    begin('b');
    await jest.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveLength(1);
  });
});
