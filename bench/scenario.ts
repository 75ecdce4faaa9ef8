/** What a figure says, and which is better. */
export const FIGURES = {
  tasksPerSecond: { unit: 'tasks/s', better: 'higher' },
  requestsPerSecond: { unit: 'requests/s', better: 'higher' },
  p50Ms: { unit: 'ms (p50)', better: 'lower' },
  p99Ms: { unit: 'ms (p99)', better: 'lower' },
  seconds: { unit: 's', better: 'lower' },
  cpuPercent: { unit: '% CPU', better: 'lower' },
  queriesPerSecond: { unit: 'queries/s', better: 'lower' },
} as const satisfies Record<string, { unit: string; better: 'higher' | 'lower' }>;

/** One of {@link FIGURES}. */
export type Figure = keyof typeof FIGURES;

/** What one run of a program has measured. */
export type Figures = Partial<Record<Figure, number>>;

/** What a program needs beside itself: a database, a virtual host, a Redis, each fresh; Debian's packages of Celery. */
export type Service = 'postgres' | 'rabbitmq' | 'redis' | 'celery';

/** A system in a scenario: a program that does once what the scenario is about. */
export interface Entrant {
  /** As the table shows it. */
  label: string;
  /** Node or Python runs it, by its ending. */
  program: string;
  services: readonly Service[];
  /** For the program: which way it is to go about it. */
  variant?: string;
  /** A slow one gets fewer: rates are what is compared. */
  fewerTasks?: number;
}

/** What has to be reached against another system, in the same run. */
export interface Target {
  figure: Figure;
  /** Label of the other one; null: the figure itself. */
  against: string | null;
  /** Ours by the other's. */
  atLeast?: number;
  atMost?: number;
}

/** Something that is measured, of us and of others in turn. */
export interface Scenario {
  name: string;
  /** One line, for the table. */
  what: string;
  tasks: number;
  /** With `--quick`, which only shows that it works. */
  quickTasks: number;
  /** Ours is the first one. */
  entrants: readonly [Entrant, ...Entrant[]];
  targets: readonly Target[];
}
