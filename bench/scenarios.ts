import type { Entrant, Scenario } from './scenario.js';

const OURS = 'Celeriac';
const CEILING = 'amqplib';

/** Everything that is measured, and what has to be reached. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'drain',
    what: 'no-op tasks of 200 bytes that wait on a quorum queue, one worker process; start and end of each in Postgres',
    tasks: 100_000,
    quickTasks: 2000,
    entrants: [ours('drain'), { label: CEILING, program: peer('amqplib/drain.mjs'), services: ['rabbitmq'] }],
    targets: [{ figure: 'tasksPerSecond', against: CEILING, atLeast: 0.4 }],
  },
];

function ours(program: string, other: Partial<Entrant> = {}): Entrant {
  return { label: OURS, program: `bench/dist/ours/${program}.js`, services: ['postgres', 'rabbitmq'], ...other };
}

function peer(program: string): string {
  return `bench/peers/${program}`;
}
