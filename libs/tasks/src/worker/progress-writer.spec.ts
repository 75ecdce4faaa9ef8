import { describe, expect, it } from '@jest/globals';
import { ProgressWriter } from './progress-writer.js';

/** A store that answers when it is told to. */
class SlowStore {
  readonly written: string[] = [];
  private answer: (() => void) | undefined;
  private heard: () => void = () => undefined;

  async writeProgress({ progress }: { progress: string }): Promise<boolean> {
    this.written.push(progress);
    this.heard();
    await new Promise<void>((resolve, reject) => {
      this.answer = () => (progress === 'unlucky' ? reject(new Error('away')) : resolve());
    });
    return true;
  }

  /** Resolves when it has been asked so many times. */
  async asked(count: number): Promise<void> {
    while (this.written.length < count) await new Promise<void>((resolve) => (this.heard = resolve));
  }

  finish(): void {
    this.answer?.();
  }
}

describe('ProgressWriter', () => {
  function writerTo(store: SlowStore): ProgressWriter {
    return new ProgressWriter({ taskId: 'a', attempt: 1 }, store);
  }

  it('writes the first report at once, and of those that come meanwhile the last', async () => {
    const store = new SlowStore();
    const writer = writerTo(store);
    for (let n = 0; n < 10_000; n += 1) writer.report(String(n));
    expect(store.written).toEqual(['0']);
    store.finish();
    await store.asked(2);
    expect(store.written).toEqual(['0', '9999']);
  });

  it('has nothing left to write once the last report was written', async () => {
    const store = new SlowStore();
    const writer = writerTo(store);
    writer.report('a');
    store.finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(writer.close()).toBeNull();
  });

  it.each([
    ['is just being written', 'a', ['a']],
    ['came during a write', 'b', ['a', 'b']],
  ])('leaves to the settle what %s', (_what, left, reports) => {
    const store = new SlowStore();
    const writer = writerTo(store);
    for (const report of reports) writer.report(report);
    expect(writer.close()).toBe(left);
  });

  it('writes nothing after its end', async () => {
    const store = new SlowStore();
    const writer = writerTo(store);
    writer.close();
    writer.report('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.written).toEqual([]);
  });

  it('tries again what could not be written', async () => {
    const store = new SlowStore();
    const writer = writerTo(store);
    writer.report('unlucky');
    store.finish();
    await store.asked(2);
    expect(store.written).toEqual(['unlucky', 'unlucky']);
    writer.report('better');
    store.finish();
    await store.asked(3);
    store.finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(writer.close()).toBeNull();
  });
});
