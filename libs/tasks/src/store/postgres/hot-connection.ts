import type { PoolClient } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

/** A statement that each connection prepares once, under its name. */
export interface NamedStatement {
  name: string;
  text: string;
}

/**
 * A connection that the hot statements have to themselves, so that they are parsed once and never wait behind a
 * page's query for a place in the pool. TypeORM's `query()` cannot name statements, the driver's client can. It is
 * made at the first use, and anew after it broke. What is asked of it is done one after the other.
 */
export class HotConnection {
  private runner: QueryRunner | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly dataSource: DataSource) {}

  /** Runs one statement, which commits by itself. */
  query<Row>(statement: NamedStatement, values: unknown[]): Promise<Row[]> {
    return this.inTurn((runner) => runNamed<Row>(runner, statement, values));
  }

  /** Runs several statements that commit together. */
  transaction<Result>(work: (manager: EntityManager, runner: QueryRunner) => Promise<Result>): Promise<Result> {
    return this.inTurn((runner) => runner.manager.transaction((manager) => work(manager, runner)));
  }

  async close(): Promise<void> {
    await this.last;
    const runner = this.runner;
    this.runner = undefined;
    await runner?.release();
  }

  private inTurn<Result>(work: (runner: QueryRunner) => Promise<Result>): Promise<Result> {
    const turn = this.last.then(() => this.guarded(work));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async guarded<Result>(work: (runner: QueryRunner) => Promise<Result>): Promise<Result> {
    try {
      return await work(await this.open());
    } catch (error) {
      // A broken client is thrown away by the pool when it is given back; a sound one costs a new PREPARE.
      const runner = this.runner;
      this.runner = undefined;
      if (runner?.isReleased === false) await runner.release();
      throw error;
    }
  }

  private async open(): Promise<QueryRunner> {
    if (this.runner === undefined || this.runner.isReleased) {
      this.runner = this.dataSource.createQueryRunner();
      // A plan that Postgres keeps was made when the tables were small or empty, as at a fresh start, and would scan
      // them whole once they are not. Planning anew costs some tenths of a millisecond a batch.
      await this.runner.query('SET plan_cache_mode = force_custom_plan');
    }
    return this.runner;
  }
}

/** Runs a named statement on a query runner's own connection, inside its transaction if there is one. */
export async function runNamed<Row>(runner: QueryRunner, statement: NamedStatement, values: unknown[]): Promise<Row[]> {
  const client = (await runner.connect()) as PoolClient;
  const result = await client.query<Row & object>({ name: statement.name, text: statement.text, values });
  return result.rows;
}

/** @returns the query runner of a manager that is in a transaction */
export function runnerOf(manager: EntityManager): QueryRunner {
  if (manager.queryRunner?.isTransactionActive !== true) {
    throw new TypeError(
      'This entity manager has no open transaction: pass the one that dataSource.transaction() hands you, before it ends.',
    );
  }
  return manager.queryRunner;
}
