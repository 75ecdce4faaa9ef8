import { describe, expect, it } from '@jest/globals';
import { PriorityQueue } from './priority-queue.js';

function popAll<Item>(queue: PriorityQueue<Item>): Item[] {
  const items: Item[] = [];
  while (queue.size > 0) items.push(queue.pop() as Item);
  return items;
}

/** mulberry32: the same numbers in [0, 1) for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('PriorityQueue', () => {
  it('gives nothing when it is empty, also after it was not', () => {
    const queue = new PriorityQueue<string>();
    expect(queue.pop()).toBeUndefined();
    queue.push('a', 0);
    expect(queue.pop()).toBe('a');
    expect(queue.pop()).toBeUndefined();
    expect(queue.size).toBe(0);
  });

  it('gives higher priorities first', () => {
    const queue = new PriorityQueue<string>();
    queue.push('low', 0);
    queue.push('high', 9);
    queue.push('middle', 5);
    expect(popAll(queue)).toEqual(['high', 'middle', 'low']);
  });

  it('gives equal priorities in the order that they came, also across pops', () => {
    const queue = new PriorityQueue<number>();
    for (const item of [1, 2, 3, 4]) queue.push(item, 3);
    expect([queue.pop(), queue.pop()]).toEqual([1, 2]);
    for (const item of [5, 6]) queue.push(item, 3);
    expect(popAll(queue)).toEqual([3, 4, 5, 6]);
  });

  it('keeps an item that is undefined', () => {
    const queue = new PriorityQueue<undefined>();
    queue.push(undefined, 0);
    expect(queue.size).toBe(1);
    queue.pop();
    expect(queue.size).toBe(0);
  });

  it.each([1, 2, 3, 4, 5])('gives what a stable sort gives, whatever is pushed and popped (seed %d)', (seed) => {
    const random = seeded(seed);
    const queue = new PriorityQueue<number>();
    const model: Array<{ item: number; priority: number }> = [];
    for (let item = 0; item < 2000; item += 1) {
      if (random() < 0.55) {
        const priority = Math.floor(random() * 10);
        queue.push(item, priority);
        model.push({ item, priority });
        model.sort((left, right) => right.priority - left.priority);
      } else {
        expect(queue.pop()).toBe(model.shift()?.item);
      }
      expect(queue.size).toBe(model.length);
    }
    expect(popAll(queue)).toEqual(model.map(({ item }) => item));
  });
});
