import { figuresOf, judge, summaryFor } from '../judge.js';
import type { Run } from '../rounds.js';
import { FIGURES, type Scenario, type Target } from '../scenario.js';

/** @returns what was measured and reached, as a Markdown table for each scenario */
export function reportTables(scenarios: readonly Scenario[], runs: readonly Run[]): string {
  return scenarios.map((scenario) => tablesOf(scenario, runsOf(scenario, runs))).join('\n');
}

function runsOf({ name }: Scenario, runs: readonly Run[]): Run[] {
  return runs.filter(({ scenario }) => scenario === name);
}

function tablesOf(scenario: Scenario, runs: readonly Run[]): string {
  const figures = figuresOf(runs);
  const rows = scenario.entrants.map(({ label }) => {
    const cells = figures.map((figure) => cell(summaryFor(runs, label, figure)));
    return [label, ...cells, runs.find((run) => run.label === label)?.settings ?? ''];
  });
  const header = ['', ...figures.map((figure) => FIGURES[figure].unit), 'set up as'];
  const verdicts = judge(scenario, runs).map(({ target, ratio, isReached }) => [
    targetText(target),
    numberText(ratio),
    isReached ? 'reached' : '**not reached**',
  ]);
  return [
    `### ${scenario.name}: ${scenario.what}`,
    markdownTable(header, rows),
    ...(verdicts.length > 0 ? [markdownTable(['must reach', 'measured', ''], verdicts)] : []),
  ].join('\n\n');
}

function cell(summary: { median: number; min: number; max: number } | null): string {
  if (summary === null) return '';
  const { median, min, max } = summary;
  return min === max ? numberText(median) : `${numberText(median)} (${numberText(min)} to ${numberText(max)})`;
}

function targetText({ figure, against, atLeast, atMost }: Target): string {
  const bound = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  return against === null ? `${FIGURES[figure].unit}: ${bound}` : `${FIGURES[figure].unit}: ${bound} x ${against}`;
}

/** Three figures that mean something. */
export function numberText(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

function markdownTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
