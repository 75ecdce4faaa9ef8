import type { PoolClient } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

/** A statement that each connection prepares once, under its name. */
export interface NamedStatement {
  name: string;
  text: string;
}

/**
 * A connection that the hot statements have to themselves, so that they are parsed once and never wait behind a
 * page's query for a place in the pool. TypeORM's `query()` cannot name statements, the driver's client can.
 * It is made at the first use, and anew after it broke.
 */
export class HotConnection {
  private runner: QueryRunner | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Runs one statement, which commits by itself. */
  async query<Row>(statement: NamedStatement, values: unknown[]): Promise<Row[]> {
    return this.guarded((runner) => runNamed<Row>(runner, statement, values));
  }

  /** Runs several statements that commit together. One at a time: the caller sees to that. */
  async transaction<Result>(work: (manager: EntityManager, runner: QueryRunner) => Promise<Result>): Promise<Result> {
    return this.guarded((runner) => runner.manager.transaction((manager) => work(manager, runner)));
  }

  async close(): Promise<void> {
    const runner = this.runner;
    this.runner = undefined;
    await runner?.release();
  }

  private async guarded<Result>(work: (runner: QueryRunner) => Promise<Result>): Promise<Result> {
    if (this.runner === undefined || this.runner.isReleased) this.runner = this.dataSource.createQueryRunner();
    const runner = this.runner;
    try {
      return await work(runner);
    } catch (error) {
      // A broken client is thrown away by the pool when it is given back; a sound one costs a new PREPARE.
      if (this.runner === runner) this.runner = undefined;
      if (!runner.isReleased) await runner.release();
      throw error;
    }
  }
}

/** Runs a named statement on a query runner's own connection, inside its transaction if there is one. */
export async function runNamed<Row>(runner: QueryRunner, statement: NamedStatement, values: unknown[]): Promise<Row[]> {
  const client = (await runner.connect()) as PoolClient;
  const result = await client.query<Row & object>({ name: statement.name, text: statement.text, values });
  return result.rows;
}
