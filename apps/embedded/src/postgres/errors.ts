/** Base of every error of the embedded Postgres server: its message says what was wrong and what to do about it. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

/** Another live process already uses this data folder. */
export class EmbeddedPostgresRunningError extends EmbeddedPostgresError {
  override name = 'EmbeddedPostgresRunningError';

  /**
   * @param folder The data folder that is in use.
   * @param pid Process id of its user, when it is known.
   */
  constructor(
    readonly folder: string,
    readonly pid: number | undefined,
  ) {
    const who = pid === undefined ? '' : `, pid ${pid}`;
    super(`Already running${who} with the data folder ${folder}; stop it first, or choose another data folder.`);
  }
}

/** There are no Postgres programs for this machine, or they cannot run here. */
export class EmbeddedPostgresPlatformError extends EmbeddedPostgresError {
  override name = 'EmbeddedPostgresPlatformError';
}

/** The port that was asked for is taken. */
export class EmbeddedPostgresPortError extends EmbeddedPostgresError {
  override name = 'EmbeddedPostgresPortError';

  /** @param port The TCP port that something else listens on. */
  constructor(readonly port: number) {
    super(`Port ${port} on 127.0.0.1 is in use by another program; stop that program, or ask for another port.`);
  }
}

/** The data folder cannot be used as it is (its owner, its rights, or a missing password). */
export class EmbeddedPostgresFolderError extends EmbeddedPostgresError {
  override name = 'EmbeddedPostgresFolderError';
}

/** A Postgres program (initdb, pg_ctl) failed. */
export class EmbeddedPostgresCommandError extends EmbeddedPostgresError {
  override name = 'EmbeddedPostgresCommandError';

  /**
   * @param command Name of the program and what it was to do, for example `pg_ctl start`.
   * @param exitCode Its exit code; null when a signal ended it.
   * @param output What it wrote, and the end of the server log where that helps.
   */
  constructor(
    readonly command: string,
    readonly exitCode: number | null,
    readonly output: string,
  ) {
    super(`${command} failed (exit code ${exitCode ?? 'none, ended by a signal'}):\n${output.trim()}`);
  }
}
