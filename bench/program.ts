import type { Figures } from './scenario.js';

/** What a program of ours is told by the benchmark. */
export interface Work {
  tasks: number;
  variant: string;
  databaseUrl: string;
  brokerUrl: string;
}

/** Reads it from the environment. */
export function readWork({ env } = process): Work {
  return {
    tasks: Number(env['BENCH_TASKS']),
    variant: env['BENCH_VARIANT'] ?? '',
    databaseUrl: env['DATABASE_URL'] ?? '',
    brokerUrl: env['BROKER_URL'] ?? '',
  };
}

/** Says what was measured, and ends the process: whatever a peer or we have left open is no matter here. */
export function report(figures: Figures, settings: string): never {
  process.stdout.write(`${JSON.stringify({ figures, settings })}\n`);
  process.exit(0);
}
