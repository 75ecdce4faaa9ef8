import type { DataSource, EntityManager } from 'typeorm';
import { AfterCommit } from '../../store/postgres/after-commit.js';
import { runnerOf } from '../../store/postgres/hot-connection.js';

/** A transaction of the memory store: what is to happen when it commits. */
export class MemoryTransaction {
  private readonly callbacks: Array<() => void> = [];

  onCommit(callback: () => void): void {
    this.callbacks.push(callback);
  }

  commit(): void {
    for (const callback of this.callbacks) callback();
  }

  /** For where an entity manager is asked for. It has none of its methods. */
  asManager(): EntityManager {
    return this as unknown as EntityManager;
  }
}

/** Waits for commits: of the memory store's own transactions, and of those of a real database that a test has. */
export class Commits {
  private readonly hooks = new WeakMap<DataSource, AfterCommit>();

  after(manager: EntityManager, callback: () => void): void {
    if (manager instanceof MemoryTransaction) return manager.onCommit(callback);
    const { dataSource } = manager;
    const hook = this.hooks.get(dataSource) ?? new AfterCommit(dataSource);
    this.hooks.set(dataSource, hook);
    hook.register(runnerOf(manager), callback);
  }
}
