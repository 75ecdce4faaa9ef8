import { Client } from 'pg';

/** A database that cannot be reached says so while somebody still waits for it. */
const CONNECT_TIMEOUT_MS = 3000;
/** No statement of ours takes this long: the link is dead, though nobody has said so. */
const QUERY_TIMEOUT_MS = 10_000;
/** Postgres ends a transaction that its client has forgotten. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

/**
 * A client that is not used again after a statement has timed out. pg itself only stops waiting: the client would go
 * back to its pool with a statement, or a whole transaction, still open on a link that may be dead.
 */
class ImpatientClient extends Client {
  override query(...args: unknown[]): never {
    const result: unknown = (super.query as (...all: unknown[]) => unknown).apply(this, args);
    if (result instanceof Promise) {
      result.catch((error: unknown) => {
        if (error instanceof Error && error.message === 'Query read timeout') this.cut();
      });
    }
    return result as never;
  }

  private cut(): void {
    (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}

/** What a TypeORM data source needs so that a database which is away, or frozen, is noticed and left behind. */
export const impatientPostgres = {
  connectTimeoutMS: CONNECT_TIMEOUT_MS,
  extra: {
    Client: ImpatientClient,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
  },
};
