import { describe, expect, it } from '@jest/globals';
import { judge, summaryFor } from './judge.js';
import type { Run } from './rounds.js';
import type { Entrant, Figure, Scenario, Target } from './scenario.js';

const entrant = (label: string): Entrant => ({ label, program: `${label}.mjs`, services: [] });
const scenario = (...targets: Target[]): Scenario => ({
  name: 'drain',
  what: 'tasks',
  tasks: 1,
  quickTasks: 1,
  entrants: [entrant('ours'), entrant('peer')],
  targets,
});
const runsOf = (label: string, figure: Figure, ...values: number[]): Run[] =>
  values.map((value, round) => ({
    scenario: 'drain',
    label,
    round,
    tasks: 1,
    settings: '',
    figures: { [figure]: value },
  }));

describe('judge', () => {
  it.each<[what: string, target: Target, ours: number[], theirs: number[], ratio: number, isReached: boolean]>([
    ['more is better', { figure: 'tasksPerSecond', against: 'peer', atLeast: 2 }, [10, 30, 20], [10, 9, 90], 2, true],
    ['it is not enough', { figure: 'tasksPerSecond', against: 'peer', atLeast: 2 }, [19], [10], 1.9, false],
    ['less is better', { figure: 'p99Ms', against: 'peer', atMost: 3 }, [6, 4], [2], 2.5, true],
    ['it is too much', { figure: 'p99Ms', against: 'peer', atMost: 3 }, [7], [2], 3.5, false],
    ['there is no other', { figure: 'cpuPercent', against: null, atMost: 1 }, [0.5], [], 0.5, true],
  ])('compares medians, where %s', (_what, target, ours, theirs, ratio, isReached) => {
    const runs = [...runsOf('ours', target.figure, ...ours), ...runsOf('peer', target.figure, ...theirs)];
    expect(judge(scenario(target), runs)).toEqual([{ scenario: 'drain', target, ratio, isReached }]);
  });

  it('says nothing of what was not measured', () => {
    const target: Target = { figure: 'tasksPerSecond', against: 'peer', atLeast: 2 };
    expect(judge(scenario(target), runsOf('ours', 'tasksPerSecond', 1))).toEqual([]);
    expect(summaryFor([], 'ours', 'p50Ms')).toBeNull();
  });
});
