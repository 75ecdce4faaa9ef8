import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Quarantine } from './quarantine.js';

describe('a quarantine', () => {
  let done: string[];
  let quarantine: Quarantine;

  beforeEach(() => {
    jest.useFakeTimers();
    done = [];
    quarantine = new Quarantine(1000);
  });

  afterEach(() => void jest.useRealTimers());

  function hold(name: string): void {
    quarantine.hold({ run: () => done.push(`${name} runs`), giveBack: () => done.push(`${name} back`) });
  }

  it('is open while there are no suspects, and closed until the last one has run', () => {
    expect(quarantine.closed).toBe(false);
    hold('a');
    expect(quarantine.closed).toBe(true);
    quarantine.advance(0);
    expect(quarantine.closed).toBe(true);
    quarantine.advance(0);
    expect(quarantine.closed).toBe(false);
  });

  it('has one suspect run at a time, when nothing else runs', () => {
    hold('a');
    hold('b');
    quarantine.advance(2);
    quarantine.advance(1);
    expect(done).toEqual([]);
    quarantine.advance(0);
    expect(done).toEqual(['a runs']);
    quarantine.advance(1);
    expect(done).toEqual(['a runs']);
    quarantine.advance(0);
    expect(done).toEqual(['a runs', 'b runs']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('gives those back that have waited for too long, and opens again', () => {
    hold('a');
    quarantine.advance(1);
    jest.advanceTimersByTime(999);
    expect(done).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(done).toEqual(['a back']);
    expect(quarantine.closed).toBe(false);
  });

  it('gives all back that wait when the worker stops', () => {
    hold('a');
    hold('b');
    quarantine.giveBackAll();
    expect(done).toEqual(['a back', 'b back']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
