import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Quarantine } from './quarantine.js';

describe('a quarantine', () => {
  let done: string[];
  let quarantine: Quarantine;

  beforeEach(() => {
    jest.useFakeTimers();
    done = [];
    quarantine = new Quarantine({ patienceMs: 1000, probationMs: 300, onOpen: () => done.push('open') });
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
    quarantine.advance(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('opens again when a suspect takes long without doing harm', () => {
    hold('a');
    quarantine.advance(0);
    jest.advanceTimersByTime(299);
    expect(quarantine.closed).toBe(true);
    jest.advanceTimersByTime(1);
    expect(quarantine.closed).toBe(false);
    expect(done).toEqual(['a runs', 'open']);
    quarantine.advance(0);
    expect(quarantine.closed).toBe(false);
  });

  it('stays closed for a suspect that waits while another one takes long, for as long as that has patience', () => {
    hold('a');
    hold('b');
    quarantine.advance(0);
    jest.advanceTimersByTime(999);
    expect(quarantine.closed).toBe(true);
    expect(done).toEqual(['a runs']);
    jest.advanceTimersByTime(1);
    expect(quarantine.closed).toBe(false);
    expect(done).toEqual(['a runs', 'b back', 'open']);
  });

  it('gives those back that have waited for too long, and opens again', () => {
    hold('a');
    quarantine.advance(1);
    jest.advanceTimersByTime(999);
    expect(done).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(done).toEqual(['a back', 'open']);
    expect(quarantine.closed).toBe(false);
  });

  it('gives all back that wait when the worker stops', () => {
    hold('a');
    hold('b');
    quarantine.advance(0);
    quarantine.end();
    expect(done).toEqual(['a runs', 'b back']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
