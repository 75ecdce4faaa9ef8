import { describe, expect, it, jest } from '@jest/globals';
import { NaturalBatch, type NaturalBatchOptions } from './natural-batch.js';

type Options = Partial<Omit<NaturalBatchOptions<string, string>, 'flush'>>;
interface Flush {
  items: string[];
  succeed(): void;
  fail(error: unknown): void;
}

const CONFLICT = { code: '40001' };
const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

const resultsOf = (items: string[]): string[] => items.map((item) => `${item}!`);

/** A batch whose flushes end when the test says so. */
function controlled(options: Options = {}) {
  const flushes: Flush[] = [];
  let announce: (() => void) | undefined;
  const flush = (items: string[]): Promise<string[]> =>
    new Promise((resolve, reject) => {
      flushes.push({ items, succeed: () => resolve(resultsOf(items)), fail: reject });
      announce?.();
    });
  /** Resolves when the given flush has begun. */
  const flushed = async (index: number): Promise<Flush> => {
    while (flushes[index] === undefined) {
      await new Promise<void>((resolve) => {
        announce = resolve;
      });
    }
    return flushes[index];
  };
  return { flushes, flushed, batch: new NaturalBatch<string, string>({ whenAway: 'throw', ...options, flush }) };
}

/** A batch over a store that refuses a flush as the script says, by its number and items. */
function scripted(errorOf: (attempt: number, items: string[]) => unknown, options: Options = {}) {
  const flushes: string[][] = [];
  const flush = async (items: string[]): Promise<string[]> => {
    flushes.push(items);
    const error = errorOf(flushes.length - 1, items);
    if (error !== undefined) throw error;
    return resultsOf(items);
  };
  return { flushes, batch: new NaturalBatch<string, string>({ whenAway: 'throw', ...options, flush }) };
}

/** Lets everything run that waits for nothing. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const addAll = (batch: NaturalBatch<string, string>, items: string[]) =>
  Promise.allSettled(items.map((item) => batch.add(item)));

describe('gathering', () => {
  it('items that are added in one turn share a flush, and each gets its own result', async () => {
    const { batch, flushes } = scripted(() => undefined);
    await expect(Promise.all(['a', 'b', 'c'].map((item) => batch.add(item)))).resolves.toEqual(['a!', 'b!', 'c!']);
    expect(flushes).toEqual([['a', 'b', 'c']]);
  });

  it('a lone item waits for nobody', async () => {
    const { batch, flushes } = controlled();
    void batch.add('a');
    await turn();
    expect(flushes.map(({ items }) => items)).toEqual([['a']]);
  });

  it('while one batch is being written the next one gathers, and is not written before', async () => {
    const { batch, flushes, flushed } = controlled();
    const first = batch.add('a');
    await flushed(0);
    const later = batch.add('b');
    await turn();
    const latest = batch.add('c');
    await turn();
    expect(flushes).toHaveLength(1);

    flushes[0]?.succeed();
    await expect(first).resolves.toBe('a!');
    const second = await flushed(1);
    expect(second.items).toEqual(['b', 'c']);
    second.succeed();
    await expect(Promise.all([later, latest])).resolves.toEqual(['b!', 'c!']);
  });

  it('begins again after it had nothing to do', async () => {
    const { batch, flushes } = scripted(() => undefined);
    await batch.add('a');
    await turn();
    await batch.add('b');
    expect(flushes).toEqual([['a'], ['b']]);
  });

  it('takes at most maxBatch items at a time, in their order', async () => {
    const { batch, flushes } = scripted(() => undefined, { maxBatch: 2 });
    await addAll(batch, ['a', 'b', 'c', 'd', 'e']);
    expect(flushes).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });
});

describe('an item that the store refuses', () => {
  const REFUSED = { code: '22021' };
  const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

  it.each<[code: string, bad: string[]]>([
    ['22021', ['d']],
    ['23505', ['a']],
    ['22P05', ['g']],
    ['22021', ['b', 'c']],
    ['23505', ['a', 'g']],
    ['22021', LETTERS],
  ])('with %s fails alone, all others are written once: %p', async (code, bad) => {
    const error = { code };
    const { batch, flushes } = scripted((_attempt, items) =>
      items.some((item) => bad.includes(item)) ? error : undefined,
    );
    const written = () => flushes.filter((items) => !items.some((item) => bad.includes(item))).flat();
    expect(await addAll(batch, LETTERS)).toEqual(
      LETTERS.map((item) =>
        bad.includes(item) ? { status: 'rejected', reason: error } : { status: 'fulfilled', value: `${item}!` },
      ),
    );
    expect(written()).toEqual(LETTERS.filter((item) => !bad.includes(item)));
  });

  it('is not tried a second time when it came alone', async () => {
    const { batch, flushes } = scripted(() => REFUSED, { whenAway: 'wait' });
    await expect(batch.add('a')).rejects.toBe(REFUSED);
    expect(flushes).toEqual([['a']]);
  });

  it('does not stop what comes after it', async () => {
    const { batch } = scripted((attempt) => (attempt === 0 ? REFUSED : undefined));
    await expect(batch.add('a')).rejects.toBe(REFUSED);
    await expect(batch.add('b')).resolves.toBe('b!');
  });

  it('is told apart also while the store has conflicts', async () => {
    const { batch } = scripted((attempt, items) => {
      if (attempt === 1) return CONFLICT;
      return items.includes('a') ? REFUSED : undefined;
    });
    expect((await addAll(batch, ['a', 'b'])).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});

describe('a store with conflicts', () => {
  it.each(['throw', 'wait'] as const)('is tried again with the same items (whenAway %p)', async (whenAway) => {
    const onError = jest.fn();
    const { batch, flushes } = scripted((attempt) => (attempt < 1 ? CONFLICT : undefined), { whenAway, onError });
    await expect(addAll(batch, ['a', 'b'])).resolves.toMatchObject([{ value: 'a!' }, { value: 'b!' }]);
    expect(flushes).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(onError.mock.calls).toEqual([[CONFLICT]]);
  });
});

describe('a store that is away', () => {
  it("fails all callers of the batch at once with 'throw'", async () => {
    const { batch, flushes } = scripted((attempt) => (attempt === 0 ? AWAY : undefined), { whenAway: 'throw' });
    expect(await addAll(batch, ['a', 'b'])).toEqual([
      { status: 'rejected', reason: AWAY },
      { status: 'rejected', reason: AWAY },
    ]);
    expect(flushes).toHaveLength(1);
    await expect(batch.add('c')).resolves.toBe('c!');
  });

  it("is tried again with 'wait' until it is back; what comes meanwhile waits behind", async () => {
    const { batch, flushed, flushes } = controlled({ whenAway: 'wait' });
    const first = batch.add('a');
    (await flushed(0)).fail(AWAY);
    const later = batch.add('b');
    (await flushed(1)).fail(AWAY);
    (await flushed(2)).succeed();
    await expect(first).resolves.toBe('a!');
    (await flushed(3)).succeed();
    await expect(later).resolves.toBe('b!');
    expect(flushes.map(({ items }) => items)).toEqual([['a'], ['a'], ['a'], ['b']]);
  });
});

describe('drain', () => {
  it('resolves at once when there is nothing to write', async () => {
    await expect(controlled().batch.drain()).resolves.toBeUndefined();
  });

  it('resolves when all is written, also what came during the last flush', async () => {
    const { batch, flushed } = controlled();
    const drained = jest.fn();
    void batch.add('a');
    const first = await flushed(0);
    const draining = batch.drain().then(drained);
    void batch.add('b');
    first.succeed();
    const second = await flushed(1);
    await turn();
    expect(drained).not.toHaveBeenCalled();
    second.succeed();
    await draining;
    expect(drained).toHaveBeenCalledTimes(1);
  });

  it('waits for those who were held back as well', async () => {
    const { batch, flushes } = scripted(() => undefined, { maxPending: 1, maxBatch: 1 });
    const all = addAll(batch, ['a', 'b', 'c']);
    await batch.drain();
    expect(flushes).toEqual([['a'], ['b'], ['c']]);
    await all;
  });
});

describe('push-back', () => {
  it('holds callers back while maxPending items wait, and lets them in when there is room', async () => {
    const { batch, flushed } = controlled({ maxPending: 2 });
    const all = addAll(batch, ['a', 'b', 'c', 'd', 'e']);
    const first = await flushed(0);
    expect(first.items).toEqual(['a', 'b']);
    await turn();
    first.succeed();
    const second = await flushed(1);
    expect(second.items).toEqual(['c', 'd']);
    second.succeed();
    const third = await flushed(2);
    expect(third.items).toEqual(['e']);
    third.succeed();
    expect((await all).map(({ status }) => status)).toEqual(Array(5).fill('fulfilled'));
  });
});

describe('abandon', () => {
  const STOP = new Error('the worker stops');

  it('fails what waits for a store that is away, and all that is added later, with the reason', async () => {
    const { batch, flushed, flushes } = controlled({ whenAway: 'wait' });
    const waiting = batch.add('a');
    const refused = expect(waiting).rejects.toBe(AWAY);
    const first = await flushed(0);
    batch.abandon(STOP);
    first.fail(AWAY);
    await refused;
    await expect(batch.add('b')).rejects.toBe(STOP);
    expect(flushes).toHaveLength(1);
    await batch.drain();
  });

  it('keeps what is being written just now', async () => {
    const { batch, flushed } = controlled({ whenAway: 'wait' });
    const running = batch.add('a');
    const first = await flushed(0);
    batch.abandon(STOP);
    first.succeed();
    await expect(running).resolves.toBe('a!');
  });

  it('fails those who were queued or held back, after one last try for those who were queued', async () => {
    const { batch, flushed, flushes } = controlled({ whenAway: 'wait', maxPending: 1 });
    const settled = addAll(batch, ['flushing', 'queued', 'held back']);
    const first = await flushed(0);
    await turn();
    batch.abandon(STOP);
    first.fail(AWAY);
    (await flushed(1)).fail(AWAY);
    expect(await settled).toEqual([AWAY, AWAY, STOP].map((reason) => ({ status: 'rejected', reason })));
    expect(flushes).toHaveLength(2);
  });
});
