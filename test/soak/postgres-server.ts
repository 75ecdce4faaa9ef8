import { chmod, mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { removeEmbeddedPostgresData, startEmbeddedPostgres, type EmbeddedPostgres } from '#embedded-postgres';

const DATABASE = 'celeriac';
const START_TRIES = 20;
const START_PAUSE_MS = 500;

/** A Postgres server of our own whose commits wait for the disk, to be broken at will. */
export class PostgresServer {
  private constructor(
    private readonly folder: string,
    private server: EmbeddedPostgres,
  ) {}

  /** @param folder - for the data; it is made */
  static async start(folder: string): Promise<PostgresServer> {
    await mkdir(folder, { recursive: true });
    // As root the server runs as another user, who must get in.
    await chmod(folder, 0o755);
    return new PostgresServer(folder, await startEmbeddedPostgres({ dataDir: folder, database: DATABASE }));
  }

  /** The same for all of the server's life. */
  get url(): string {
    return this.server.url;
  }

  /** Runs one statement on a connection of its own. @returns its rows */
  async query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 2000, query_timeout: 30_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Stops it as an operator would: connections are cut. */
  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Ends it as a power cut would: the next start recovers. */
  async crash(): Promise<void> {
    const [row] = await this.query<{ pid: number }>(
      `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`,
    );
    process.kill((row as { pid: number }).pid, 'SIGKILL');
    await this.server.stop();
  }

  /** Starts it again after {@link stop} or {@link crash}. */
  async restart(): Promise<void> {
    const { port } = this.server;
    for (let tries = 1; ; tries += 1) {
      try {
        this.server = await startEmbeddedPostgres({ dataDir: this.folder, database: DATABASE, port });
        return;
      } catch (error) {
        // While nobody listened there, another program's outgoing link may have borrowed the port.
        if ((error as Error).name !== 'EmbeddedPostgresPortError' || tries === START_TRIES) throw error;
        await sleep(START_PAUSE_MS);
      }
    }
  }

  /** Ends every connection but our own. */
  async cutConnections(): Promise<void> {
    await this.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
  }

  /** Stops it and removes all of it. */
  async destroy(): Promise<void> {
    await this.server.stop();
    await removeEmbeddedPostgresData(this.folder);
  }
}
