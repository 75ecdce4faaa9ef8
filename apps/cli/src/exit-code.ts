/** What the process ends with; from 64 on they are those of sysexits.h, as with Celery. */
export const ExitCode = {
  /** Done, and the answer is yes. */
  ok: 0,
  /** Done, and the answer is no: the task failed or was revoked, it is too late, there is no such thing. */
  no: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Postgres or RabbitMQ is away, or no worker is alive. */
  unavailable: 69,
  /** A fault of this program. */
  fault: 70,
  /** The task has not ended by now. */
  notYet: 75,
  /** The app cannot be used: its file, its settings, or its database, which is not migrated. */
  config: 78,
} as const;

/** One of them. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
