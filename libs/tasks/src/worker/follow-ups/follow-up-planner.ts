import { v7 as uuidv7 } from 'uuid';
import type { EndState } from '../../contract/task-state.js';
import type { Ending } from '../../store/result-letter.js';
import type { TaskEnd, TaskEndWriters } from '../../store/task-end.js';
import type { ClaimAnswer, ClaimRequest, FollowUps, SettlementRows } from '../../store/task-store.js';
import { workerLost } from '../../store/worker-lost.js';
import type { Outcome } from '../outcome.js';
import { taskLabel, type WorkerLog } from '../worker-log.js';
import type { EndedTask, KnownTasks } from './follow-up-task.js';
import { followUpsOf, isFollowed } from './follow-ups.js';

/** Says what follows a task, whoever ends it: its run, or the store at the claim. */
export class FollowUpPlanner {
  constructor(
    private readonly known: KnownTasks,
    private readonly log: WorkerLog,
    private readonly writers: TaskEndWriters = new Map(),
  ) {}

  /** @returns null when the run has not ended the task, or nothing follows */
  afterRun(task: EndedTask, outcome: Outcome): FollowUps | null {
    const ending = isFollowed(task.request) ? endingOfRun(outcome) : null;
    const state = endStateOf(outcome);
    const rows = state && this.rowsOf(task, state);
    return this.plan(task, ending, rows);
  }

  /** What the store asks when a claim ends the task. */
  afterClaim(task: EndedTask): ClaimRequest['followUpsOf'] {
    const isWatched = isFollowed(task.request);
    if (!isWatched && !this.writers.has(task.request.name)) return null;
    return (answer) => {
      const ending = endingOfClaim(answer);
      return ending && this.plan(task, isWatched ? ending : null, this.rowsOf(task, ending.state));
    };
  }

  private plan(task: EndedTask, ending: Ending | null, rows: SettlementRows | null): FollowUps | null {
    if (ending === null) return rows && { tasks: [], letters: [], rows };
    const { problems, ...followUps } = followUpsOf(task, ending, this.known, uuidv7);
    for (const problem of problems) this.log.warn(`${taskLabel(task.request)} ${problem}`);
    return { ...followUps, rows };
  }

  /** What the app is told of the end, to write what that means to it. */
  private rowsOf({ request: { id: taskId, name, kwargs } }: EndedTask, state: EndState): SettlementRows | null {
    const writer = this.writers.get(name);
    if (writer === undefined) return null;
    const data: TaskEnd = { taskId, name, state, kwargs };
    return { writer, data };
  }
}

function endStateOf({ state }: Outcome): EndState | null {
  switch (state) {
    case 'SUCCESS':
    case 'FAILURE':
    case 'REVOKED':
      return state;
    case 'IGNORED':
      return 'SUCCESS';
    case 'RETRY':
    case 'SNOOZE':
      return null;
  }
}

function endingOfRun(outcome: Outcome): Ending | null {
  switch (outcome.state) {
    case 'SUCCESS':
    case 'FAILURE':
      return outcome;
    case 'REVOKED':
      return { state: 'REVOKED', reason: 'terminated' };
    case 'RETRY':
    case 'SNOOZE':
    // Nobody is told, and nothing comes after it.
    case 'IGNORED':
      return null;
  }
}

function endingOfClaim({ verdict, deaths }: ClaimAnswer): Ending | null {
  if (verdict === 'expired' || verdict === 'revoked') return { state: 'REVOKED', reason: verdict };
  if (verdict !== 'lost') return null;
  return { state: 'FAILURE', error: workerLost(deaths) };
}
