import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TaskRequest } from '../../protocol/index.js';
import type { ClaimAnswer, ClaimVerdict, FollowUps } from '../../store/task-store.js';
import type { Outcome } from '../outcome.js';
import { TaskRouter } from '../../routes/task-router.js';
import { knownTasks } from './follow-up-task.js';
import { FollowUpPlanner } from './follow-up-planner.js';

const log = { log: jest.fn(), debug: jest.fn(), warn: jest.fn(), error: jest.fn() };
const planner = new FollowUpPlanner(knownTasks(new TaskRouter(), []), log);
const error = { type: 'ValueError', message: 'boom', stack: null };

function task(change: Partial<TaskRequest> = {}) {
  const embed = { callbacks: null, errbacks: null, chain: null, chord: null };
  const request = { id: 'a', name: 'a.task', replyTo: 'client', correlationId: null, ignoreResult: false, embed };
  return { request: { ...request, ...change } as TaskRequest, queue: 'work' };
}

function answer(verdict: ClaimVerdict): ClaimAnswer {
  return { verdict, deaths: 3 } as ClaimAnswer;
}

function results(followUps: FollowUps | null | undefined): unknown[] | null {
  return followUps?.letters.map(({ message }) => JSON.parse(message.body.toString()) as unknown) ?? null;
}

const revoked = (reason: string) => ({
  status: 'REVOKED',
  result: { exc_type: 'TaskRevokedError', exc_message: [reason] },
});

describe('FollowUpPlanner', () => {
  beforeEach(() => void jest.clearAllMocks());

  it.each<[Outcome, unknown]>([
    [
      { state: 'SUCCESS', result: 5, resultJson: '5' },
      { status: 'SUCCESS', result: 5 },
    ],
    [
      { state: 'FAILURE', error, deadLetterReason: null },
      { status: 'FAILURE', result: { exc_type: 'ValueError' } },
    ],
    [{ state: 'REVOKED', error }, revoked('terminated')],
  ])('tells of the end of a run: %j', (outcome, result) => {
    expect(results(planner.afterRun(task(), outcome))).toMatchObject([result]);
  });

  it.each<Outcome>([
    { state: 'RETRY', error, countdownSeconds: 1 },
    { state: 'SNOOZE', countdownSeconds: 1 },
    { state: 'IGNORED' },
  ])('says nothing after %j', (outcome) => {
    expect(planner.afterRun(task(), outcome)).toBeNull();
  });

  it.each<[ClaimVerdict, unknown]>([
    ['expired', revoked('expired')],
    ['revoked', revoked('revoked')],
    ['lost', { status: 'FAILURE', result: { exc_type: 'WorkerLostError', exc_module: 'billiard.exceptions' } }],
  ])('tells of the end that a claim makes: %s', (verdict, result) => {
    expect(results(planner.afterClaim(task())?.(answer(verdict)))).toMatchObject([result]);
  });

  it.each<ClaimVerdict>(['run', 'stale', 'leased', 'rate_limited', 'missing', 'again'])(
    'says nothing at the verdict %s',
    (verdict) => {
      expect(planner.afterClaim(task())?.(answer(verdict))).toBeNull();
    },
  );

  it('has nothing to say of a task that nothing follows: neither to the run nor to the claim', () => {
    const alone = task({ replyTo: null });
    expect(planner.afterRun(alone, { state: 'SUCCESS', result: 5, resultJson: '5' })).toBeNull();
    expect(planner.afterClaim(alone)).toBeNull();
  });

  describe('with an app that writes of the ends of a task', () => {
    const writer = { write: () => Promise.resolve() };
    const watching = new FollowUpPlanner(knownTasks(new TaskRouter(), []), log, new Map([['a.task', writer]]));
    const alone = task({ replyTo: null, kwargs: { x: 1 } });
    const end = (state: string) => ({ writer, data: { taskId: 'a', name: 'a.task', state, kwargs: { x: 1 } } });

    it.each<[Outcome, string]>([
      [{ state: 'SUCCESS', result: 5, resultJson: '5' }, 'SUCCESS'],
      [{ state: 'IGNORED' }, 'SUCCESS'],
      [{ state: 'FAILURE', error, deadLetterReason: null }, 'FAILURE'],
      [{ state: 'REVOKED', error }, 'REVOKED'],
    ])('has it told of a run that ends it: %j', (outcome, state) => {
      expect(watching.afterRun(alone, outcome)).toEqual({ tasks: [], letters: [], rows: end(state) });
    });

    it.each<Outcome>([
      { state: 'RETRY', error, countdownSeconds: 1 },
      { state: 'SNOOZE', countdownSeconds: 1 },
    ])('has it told nothing of %j', (outcome) => {
      expect(watching.afterRun(alone, outcome)).toBeNull();
    });

    it.each<[ClaimVerdict, string]>([
      ['expired', 'REVOKED'],
      ['revoked', 'REVOKED'],
      ['lost', 'FAILURE'],
    ])('has it told of a claim that ends it: %s', (verdict, state) => {
      expect(watching.afterClaim(alone)?.(answer(verdict))).toEqual({ tasks: [], letters: [], rows: end(state) });
    });

    it('tells who waits for the result all the same', () => {
      expect(results(watching.afterRun(task(), { state: 'REVOKED', error }))).toMatchObject([revoked('terminated')]);
    });

    it('asks no claim of another task', () => {
      expect(watching.afterClaim(task({ name: 'b.task', replyTo: null }))).toBeNull();
    });
  });

  it('logs what cannot be sent, a line each, with the name and id of the task', () => {
    const embed = { callbacks: [5], errbacks: null, chain: null, chord: { task: 'b' } };
    planner.afterRun(task({ embed }), { state: 'SUCCESS', result: 5, resultJson: '5' });
    expect(log.warn.mock.calls).toEqual([
      [expect.stringContaining('Task a.task[a] is part of a chord')],
      [expect.stringContaining('Task a.task[a] has a follow-up that cannot be sent')],
    ]);
  });
});
