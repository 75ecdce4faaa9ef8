import type { Entrant, Scenario } from './scenario.js';

const OURS = 'Celeriac';
const CEILING = 'amqplib';
const BULLMQ = 'BullMQ';
const GRAPHILE = 'graphile-worker';
const CELERY = 'Celery';
const CELERY_RESULTS = 'Celery, results in Postgres';

/** Everything that is measured, and what has to be reached. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'drain',
    what: 'no-op tasks of 200 bytes that wait on a quorum queue, one worker process; start and end of each in Postgres',
    tasks: 100_000,
    quickTasks: 2000,
    entrants: [
      ours('drain'),
      { label: CEILING, program: peer('amqplib/drain.mjs'), services: ['rabbitmq'] },
      { label: BULLMQ, program: peer('bullmq/drain.mjs'), services: ['redis'], variant: '100' },
      { label: GRAPHILE, program: peer('graphile-worker/drain.mjs'), services: ['postgres'] },
      { label: CELERY, program: peer('celery/drain.py'), services: ['rabbitmq', 'celery'], fewerTasks: 20_000 },
      {
        label: CELERY_RESULTS,
        program: peer('celery/drain.py'),
        services: ['rabbitmq', 'postgres', 'celery'],
        variant: 'results',
        fewerTasks: 5000,
      },
    ],
    targets: [
      { figure: 'tasksPerSecond', against: CEILING, atLeast: 0.4 },
      { figure: 'tasksPerSecond', against: BULLMQ, atLeast: 1.3 },
      { figure: 'tasksPerSecond', against: GRAPHILE, atLeast: 1 },
      { figure: 'tasksPerSecond', against: CELERY, atLeast: 8 },
      { figure: 'tasksPerSecond', against: CELERY_RESULTS, atLeast: 40 },
    ],
  },
];

function ours(program: string, other: Partial<Entrant> = {}): Entrant {
  return { label: OURS, program: `bench/dist/ours/${program}.js`, services: ['postgres', 'rabbitmq'], ...other };
}

function peer(program: string): string {
  return `bench/peers/${program}`;
}
