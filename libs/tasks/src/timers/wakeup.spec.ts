import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Wakeup } from './wakeup.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** @returns a function that says whether the pause is over by now */
function observed(pause: Promise<void>): () => Promise<boolean> {
  let over = false;
  void pause.then(() => {
    over = true;
  });
  return async () => {
    await jest.advanceTimersByTimeAsync(0);
    return over;
  };
}

describe('Wakeup', () => {
  it('pauses for the time given', async () => {
    const isOver = observed(new Wakeup().wait(1000));
    await jest.advanceTimersByTimeAsync(999);
    expect(await isOver()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await isOver()).toBe(true);
  });

  it('is cut short by a call, and leaves no timer behind', async () => {
    const wakeup = new Wakeup();
    const isOver = observed(wakeup.wait(1000));
    expect(await isOver()).toBe(false);
    wakeup.wake();
    expect(await isOver()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('a call that comes while nobody waits cuts the next pause, and only that', async () => {
    const wakeup = new Wakeup();
    wakeup.wake();
    wakeup.wake();
    expect(await observed(wakeup.wait(1000))()).toBe(true);
    expect(await observed(wakeup.wait(1000))()).toBe(false);
  });

  it('a call that cut a pause does not cut the next one', async () => {
    const wakeup = new Wakeup();
    const first = wakeup.wait(1000);
    wakeup.wake();
    await first;
    expect(await observed(wakeup.wait(1000))()).toBe(false);
  });

  it('a call after a pause that ran out cuts the next one', async () => {
    const wakeup = new Wakeup();
    const first = wakeup.wait(10);
    await jest.advanceTimersByTimeAsync(10);
    await first;
    wakeup.wake();
    expect(await observed(wakeup.wait(1000))()).toBe(true);
  });
});
