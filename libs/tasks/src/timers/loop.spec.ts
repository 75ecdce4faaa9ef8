import { describe, expect, it } from '@jest/globals';
import { Loop } from './loop.js';

/** A loop whose rounds are ended by hand, each with the pause that comes after it. */
function loopOf() {
  const rounds: Array<(pauseMs: number) => void> = [];
  const loop = new Loop(() => new Promise((resolve) => rounds.push(resolve)));
  const end = async (pauseMs: number): Promise<void> => {
    rounds.at(-1)?.(pauseMs);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { loop, rounds, end };
}

describe('a loop', () => {
  it('does its work at once, again when it is woken, and again at once when there is no pause', async () => {
    const { loop, rounds, end } = loopOf();
    loop.start();
    loop.start();
    expect(rounds).toHaveLength(1);
    await end(600_000);
    expect(rounds).toHaveLength(1);
    loop.wake();
    await end(600_000);
    expect(rounds).toHaveLength(2);
    loop.wake();
    await end(0);
    await end(0);
    expect(rounds.length).toBeGreaterThanOrEqual(3);
    const stopped = loop.stop();
    await end(0);
    await stopped;
  });

  it('leaves out the pause when it is woken in a round', async () => {
    const { loop, rounds, end } = loopOf();
    loop.start();
    loop.wake();
    await end(600_000);
    expect(rounds).toHaveLength(2);
    const stopped = loop.stop();
    await end(600_000);
    await stopped;
  });

  it('ends at once in a pause, and in a round when that has ended', async () => {
    const pausing = loopOf();
    pausing.loop.start();
    await pausing.end(600_000);
    await pausing.loop.stop();
    expect(pausing.rounds).toHaveLength(1);

    const working = loopOf();
    working.loop.start();
    let isStopped = false;
    const stopped = working.loop.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    await working.end(600_000);
    await stopped;
    expect(working.rounds).toHaveLength(1);
  });

  it('that was never started has nothing to stop', async () => {
    await loopOf().loop.stop();
  });
});
