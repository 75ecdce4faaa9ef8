/** What the process ends with; from 64 on they are those of sysexits.h, as with Celery. */
export const ExitCode = { ok: 0, no: 1, usage: 2, unavailable: 69, fault: 70, notYet: 75, config: 78 } as const;

/** One of them. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What each of them means, as the help says it. */
export const EXIT_CODE_MEANINGS: Readonly<Record<ExitCode, string>> = {
  [ExitCode.ok]: 'done',
  [ExitCode.no]:
    'the task failed or was revoked, it is too late, or there is no such thing; the worker or beat could not start',
  [ExitCode.usage]: 'the command line is wrong',
  [ExitCode.unavailable]: 'Postgres or RabbitMQ is away, or no worker is alive',
  [ExitCode.fault]: 'a fault of celeriac',
  [ExitCode.notYet]: 'the task has not ended by now; the worker could not go on, and is to be started again',
  [ExitCode.config]: 'the app cannot be used: its file, its settings, or its database, which is not migrated',
};
