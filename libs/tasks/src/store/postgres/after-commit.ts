import type { DataSource, EntitySubscriberInterface, QueryRunner } from 'typeorm';

/** TypeORM's event, as far as it is used here. */
interface TransactionEvent {
  queryRunner: QueryRunner;
}

/**
 * Runs callbacks when the transaction that they were registered in has committed, and drops them when it was rolled
 * back. TypeORM has no such hook for one transaction, but tells subscribers of all of them.
 */
export class AfterCommit implements EntitySubscriberInterface {
  private readonly callbacks = new WeakMap<QueryRunner, Array<() => void>>();

  constructor(dataSource: DataSource) {
    dataSource.subscribers.push(this);
  }

  register(queryRunner: QueryRunner, callback: () => void): void {
    const callbacks = this.callbacks.get(queryRunner);
    if (callbacks === undefined) this.callbacks.set(queryRunner, [callback]);
    else callbacks.push(callback);
  }

  afterTransactionCommit({ queryRunner }: TransactionEvent): void {
    // The release of a savepoint is told as well: the transaction around it is still open then.
    if (queryRunner.isTransactionActive) return;
    const callbacks = this.callbacks.get(queryRunner) ?? [];
    this.callbacks.delete(queryRunner);
    for (const callback of callbacks) callback();
  }

  afterTransactionRollback({ queryRunner }: TransactionEvent): void {
    // Also for a savepoint alone: which callbacks are of what it undid is not known. The relay is the net for the rest.
    this.callbacks.delete(queryRunner);
  }
}
