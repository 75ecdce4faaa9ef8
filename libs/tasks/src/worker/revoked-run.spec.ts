import { describe, expect, it } from '@jest/globals';
import type { Delivery } from '../broker/broker.js';
import { DEFAULT_TASK_OPTIONS } from '../contract/task-options.js';
import type { TaskContract } from '../contract/define-task.js';
import type { TaskRequest } from '../protocol/index.js';
import type { ClaimAnswer } from '../store/task-store.js';
import type { Outcome } from './outcome.js';
import { ownOutcome, revokeRun } from './revoked-run.js';
import { SoftTimeLimitExceeded, TaskRevokedError } from './task-errors.js';
import { TaskRun } from './task-run.js';

const told = new TaskRevokedError('id', false);
const terminated = new TaskRevokedError('id', true);
const error = { type: 'Error', message: 'stopped', stack: null };
const REVOKED = {
  state: 'REVOKED',
  error: { type: 'TaskRevokedError', message: 'Task id was revoked while it was being run.', stack: null },
};

function aRun(change: Partial<Pick<TaskRun, 'revoked' | 'passedPointOfNoReturn'>> = {}): TaskRun {
  const waiting = {
    request: { id: 'id', name: 'a.task' } as TaskRequest,
    delivery: {} as Delivery,
    deliveredAtMs: 0,
  };
  const contract = DEFAULT_TASK_OPTIONS as TaskContract;
  return Object.assign(new TaskRun(waiting, { taskId: 'id' } as ClaimAnswer, contract), change);
}

describe('ownOutcome', () => {
  const outcomes: Record<Outcome['state'], Outcome> = {
    SUCCESS: { state: 'SUCCESS', result: 1, resultJson: '1' },
    IGNORED: { state: 'IGNORED' },
    FAILURE: { state: 'FAILURE', error, deadLetterReason: null },
    RETRY: { state: 'RETRY', error, countdownSeconds: 1 },
    SNOOZE: { state: 'SNOOZE', countdownSeconds: 1 },
    REVOKED: { state: 'REVOKED', error },
  };

  it.each<[own: Outcome['state'], revoked: TaskRevokedError | null, passed: boolean, state: string]>([
    ['SUCCESS', null, false, 'SUCCESS'],
    ['RETRY', null, false, 'RETRY'],
    ['FAILURE', null, false, 'FAILURE'],
    ['SUCCESS', told, false, 'SUCCESS'],
    ['IGNORED', told, false, 'IGNORED'],
    ['FAILURE', told, false, 'REVOKED'],
    ['RETRY', told, false, 'REVOKED'],
    ['SNOOZE', told, false, 'REVOKED'],
    ['SUCCESS', terminated, true, 'SUCCESS'],
    ['FAILURE', terminated, true, 'FAILURE'],
    ['RETRY', terminated, true, 'REVOKED'],
  ])('of %s, revoked by %s, past the point of no return %s: %s', (own, revoked, passedPointOfNoReturn, state) => {
    const outcome = ownOutcome(outcomes[own], aRun({ revoked, passedPointOfNoReturn }));
    expect(outcome).toEqual(state === 'REVOKED' ? REVOKED : outcomes[own]);
  });
});

describe('revokeRun', () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = { log: write, warn: write, error: write };

  it('tells the run, which goes on', () => {
    const run = aRun();
    revokeRun(run, told, log);
    expect([run.abort.signal.reason, run.isDecided]).toEqual([told, false]);
  });

  it('ends a run that is to be terminated, whatever it was told before', async () => {
    const run = aRun();
    run.abort.abort(new SoftTimeLimitExceeded(1));
    revokeRun(run, told, log);
    expect(run.isDecided).toBe(false);
    revokeRun(run, terminated, log);
    expect(await run.outcome).toEqual(REVOKED);
  });

  it('leaves a run to itself that is past its point of no return, and says so once', () => {
    const run = aRun({ passedPointOfNoReturn: true });
    lines.length = 0;
    for (const reason of [terminated, told, new TaskRevokedError('id', true)]) revokeRun(run, reason, log);
    expect([run.abort.signal.reason, run.isDecided]).toEqual([terminated, false]);
    expect(lines).toEqual(['Task a.task[id] is to be terminated, but is past its point of no return: it may finish.']);
  });
});
