import { v7 as uuidv7 } from 'uuid';
import type { Ending } from '../../store/result-letter.js';
import type { ClaimAnswer, ClaimRequest, FollowUps } from '../../store/task-store.js';
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
  ) {}

  /** @returns null when the run has not ended the task, or nothing follows */
  afterRun(task: EndedTask, outcome: Outcome): FollowUps | null {
    const ending = isFollowed(task.request) ? endingOfRun(outcome) : null;
    return ending && this.plan(task, ending);
  }

  /** What the store asks when a claim ends the task. */
  afterClaim(task: EndedTask): ClaimRequest['followUpsOf'] {
    if (!isFollowed(task.request)) return null;
    return (answer) => {
      const ending = endingOfClaim(answer);
      return ending && this.plan(task, ending);
    };
  }

  private plan(task: EndedTask, ending: Ending): FollowUps {
    const { problems, ...followUps } = followUpsOf(task, ending, this.known, uuidv7);
    for (const problem of problems) this.log.warn(`${taskLabel(task.request)} ${problem}`);
    return followUps;
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
