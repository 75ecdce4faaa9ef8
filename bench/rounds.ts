import { runProgram, type ProgramResult } from './run-program.js';
import type { Entrant, Scenario } from './scenario.js';
import type { Services } from './services/index.js';

/** One run of one entrant. */
export interface Run extends ProgramResult {
  scenario: string;
  label: string;
  round: number;
  tasks: number;
}

/** How often, and how much. */
export interface RoundsOptions {
  rounds: number;
  quick: boolean;
  /** Folder for CPU profiles. */
  cpuProf: string | null;
  /** Told what is about to run, and what it gave. */
  say(line: string): void;
}

/**
 * Runs all entrants of a scenario in turn, A B C A B C, so that a machine that is slow for a while is slow for all.
 *
 * @throws {@link ProgramFailedError}: a comparison in which one did not run is none
 */
export async function runRounds(
  scenario: Scenario,
  services: Services,
  { rounds, quick, cpuProf, say }: RoundsOptions,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const entrant of scenario.entrants) {
      const tasks = tasksFor(scenario, entrant, quick);
      const result = await runOnce(entrant, tasks, services, cpuProf);
      say(`${scenario.name}, round ${round}: ${entrant.label}: ${JSON.stringify(result.figures)}`);
      runs.push({ scenario: scenario.name, label: entrant.label, round, tasks, ...result });
    }
  }
  return runs;
}

function tasksFor({ tasks, quickTasks }: Scenario, { fewerTasks = tasks }: Entrant, quick: boolean): number {
  return quick ? quickTasks : Math.min(tasks, fewerTasks);
}

async function runOnce(
  entrant: Entrant,
  tasks: number,
  services: Services,
  cpuProf: string | null,
): Promise<ProgramResult> {
  const { environment, drop } = await services.fresh(entrant.services);
  try {
    return await runProgram(entrant, { ...environment, BENCH_TASKS: String(tasks) }, cpuProf);
  } finally {
    await drop();
  }
}
