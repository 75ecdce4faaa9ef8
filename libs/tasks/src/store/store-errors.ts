/**
 * What an error of Postgres means for who wrote:
 *
 * - `data`: this value can never be stored (SQLSTATE classes 22 and 23): trying again is useless.
 * - `conflict`: a deadlock or a serialisation failure: the same statement will do the next time.
 * - `away`: no connection, or a server that is going down or has run out of something.
 * - `other`: a fault of the program or of the schema.
 */
export type StoreErrorKind = 'data' | 'conflict' | 'away' | 'other';

/** What pg, its pool and TypeORM say, without a code, when there is no connection. */
const NO_CONNECTION =
  /^(Connection terminated|timeout exceeded|timeout expired|Query read timeout|Client (has encountered|was closed)|Cannot use a pool|Driver not Connected|There was an error establishing)/i;

/** What TypeORM says to who goes on with a transaction whose connection broke. */
const CONNECTION_GONE = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError']);

/** @returns the kind of an error thrown by `pg` or by TypeORM around it */
export function classifyStoreError(error: unknown): StoreErrorKind {
  if (error instanceof Error && CONNECTION_GONE.has(error.name)) return 'away';
  const code = codeOf(error);
  if (code === '40001' || code === '40P01') return 'conflict';
  if (/^2[23]/.test(code)) return 'data';
  // 08 connection, 53 out of resources, 55P03 lock timeout, 57P shutdown and cancel, 25006 read-only (failover).
  if (/^(08|53|55P03|57P|57014|25006|E(?!RR_)[A-Z_]+$)/.test(code)) return 'away';
  const message = error instanceof Error ? error.message : '';
  if (code === '' && NO_CONNECTION.test(message)) return 'away';
  return 'other';
}

/** @returns true when the store cannot be reached now: the caller may try again later */
export function isStoreAway(error: unknown): boolean {
  return classifyStoreError(error) === 'away';
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  // An AggregateError (connection refused on all addresses of a name) carries its code too.
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'driverError' in error ? codeOf(error.driverError) : '';
}
