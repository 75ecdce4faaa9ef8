import { FIGURES, type Figure, type Scenario, type Target } from './scenario.js';
import type { Run } from './rounds.js';
import { summaryOf, type Summary } from './statistics.js';

/** A target, and what has been reached of it. */
export interface Verdict {
  scenario: string;
  target: Target;
  /** Ours by the other's, of the medians; the figure itself when there is no other. */
  ratio: number;
  isReached: boolean;
}

/** @returns what the runs of one entrant say about a figure; null when they say nothing */
export function summaryFor(runs: readonly Run[], label: string, figure: Figure): Summary | null {
  const values = runs.flatMap((run) => (run.label === label ? (run.figures[figure] ?? []) : []));
  return values.length === 0 ? null : summaryOf(values);
}

/** @returns how far each target of a scenario is reached; those that nothing was measured for are left out */
export function judge(scenario: Scenario, runs: readonly Run[]): Verdict[] {
  const [{ label: ours }] = scenario.entrants;
  return scenario.targets.flatMap((target) => {
    const own = summaryFor(runs, ours, target.figure);
    const other = target.against === null ? 1 : summaryFor(runs, target.against, target.figure)?.median;
    if (own === null || other === undefined) return [];
    const ratio = own.median / other;
    const { atLeast = -Infinity, atMost = Infinity } = target;
    return [{ scenario: scenario.name, target, ratio, isReached: ratio >= atLeast && ratio <= atMost }];
  });
}

/** @returns the figures that a scenario's runs have, in the order of {@link FIGURES} */
export function figuresOf(runs: readonly Run[]): Figure[] {
  return (Object.keys(FIGURES) as Figure[]).filter((figure) => runs.some((run) => run.figures[figure] !== undefined));
}
