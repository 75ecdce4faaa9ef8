import { describe, expect, it, jest } from '@jest/globals';
import type { WorkerStore } from '../store/task-store.js';
import { LeaseKeeper } from './lease-keeper.js';

/** A store that answers a renewal when it is told to. */
class FakeStore {
  readonly renewals: Array<{ leaseMs: number; taskIds: readonly string[]; succeed(): void; fail(error: Error): void }> =
    [];
  private waiting: (() => void) | undefined;

  renewLease(leaseMs: number, taskIds: readonly string[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      this.renewals.push({ leaseMs, taskIds, succeed: resolve, fail: reject });
      this.waiting?.();
    });
  }

  async forgetOld(): Promise<void> {}

  /** Resolves when the given renewal has been asked for. */
  async renewal(index: number) {
    while (this.renewals[index] === undefined) {
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
    return this.renewals[index];
  }
}

function setUp(leaseMs: number) {
  const store = new FakeStore();
  const log = { warn: jest.fn<(message: string) => void>() };
  return { store, log, lease: new LeaseKeeper(store as Partial<WorkerStore> as WorkerStore, { leaseMs, log }) };
}

async function started(leaseMs: number) {
  const parts = setUp(leaseMs);
  const start = parts.lease.start(() => ['running']);
  parts.store.renewals[0]?.succeed();
  await start;
  const stop = async (index: number): Promise<void> => {
    const stopped = parts.lease.stop();
    (await parts.store.renewal(index)).succeed();
    await stopped;
  };
  return { ...parts, stop };
}

describe('LeaseKeeper', () => {
  it('is valid once the first lease is held, not while it is asked for', async () => {
    const { store, lease } = setUp(60_000);
    const start = lease.start(() => ['running']);
    expect(lease.valid).toBe(false);
    store.renewals[0]?.succeed();
    await start;
    expect(lease.valid).toBe(true);
    expect(store.renewals).toMatchObject([{ leaseMs: 60_000, taskIds: ['running'] }]);
    const stopped = lease.stop();
    (await store.renewal(1)).succeed();
    await stopped;
  });

  it('does not start without its first lease', async () => {
    const { store, lease } = setUp(60_000);
    const start = lease.start(() => ['running']);
    store.renewals[0]?.fail(new Error('away'));
    await expect(start).rejects.toThrow('away');
    expect(lease.valid).toBe(false);
  });

  it('counts from before the renewal was sent: an answer that took a whole lease gives none', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1000);
    try {
      const { store, lease } = setUp(60_000);
      const start = lease.start(() => ['running']);
      now.mockReturnValue(61_000);
      store.renewals[0]?.succeed();
      await start;
      expect(lease.valid).toBe(false);
      now.mockReturnValue(60_999);
      expect(lease.valid).toBe(true);
      void lease.stop();
      (await store.renewal(1)).succeed();
    } finally {
      now.mockRestore();
    }
  });

  it('renews by itself well before the lease has run out', async () => {
    const { store, lease, stop } = await started(60);
    const askedAt = performance.now();
    const second = await store.renewal(1);
    expect(performance.now() - askedAt).toBeLessThan(60);
    expect(second.leaseMs).toBe(60);
    second.succeed();
    (await store.renewal(2)).succeed();
    expect(lease.valid).toBe(true);
    await stop(3);
  });

  it('is no longer valid when the renewal does not come through, and says so once', async () => {
    const { store, lease, log, stop } = await started(60);
    for (const index of [1, 2, 3, 4]) (await store.renewal(index)).fail(new Error('no route'));
    // Four renewals that failed lie behind, the first after a third of the lease and the others a tenth apart.
    (await store.renewal(5)).fail(new Error('no route'));
    expect(log.warn.mock.calls).toEqual([["The worker's lease could not be renewed: Error: no route"]]);
    let index = 6;
    while (lease.valid) (await store.renewal(index++)).fail(new Error('no route'));
    (await store.renewal(index)).succeed();
    await store.renewal(index + 1);
    expect(lease.valid).toBe(true);
    store.renewals[index + 1]?.fail(new Error('again'));
    await store.renewal(index + 2);
    expect(log.warn).toHaveBeenCalledTimes(2);
    store.renewals[index + 2]?.succeed();
    await stop(index + 3);
  });

  it('ends the lease in the store when it stops, and does not wait for the next renewal', async () => {
    const { store, lease, stop } = await started(60_000);
    await stop(1);
    expect(store.renewals[1]?.leaseMs).toBe(0);
    expect(lease.valid).toBe(false);
    expect(store.renewals).toHaveLength(2);
  });

  it('stops although the store does not take the end of the lease', async () => {
    const { store, lease } = await started(60_000);
    const stopped = lease.stop();
    (await store.renewal(1)).fail(new Error('away'));
    await expect(stopped).resolves.toBeUndefined();
    expect(lease.valid).toBe(false);
  });
});
