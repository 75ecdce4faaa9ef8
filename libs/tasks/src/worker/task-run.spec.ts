import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Delivery } from '../broker/broker.js';
import { newTask } from '../client/new-task.js';
import { defineTask } from '../contract/define-task.js';
import { continueTaskMessage, decodeTaskMessage, type TaskMessage } from '../protocol/index.js';
import type { ClaimAnswer, Settlement } from '../store/task-store.js';
import { deadLetter } from './dead-letters.js';
import type { RegisteredHandler } from './handlers/handler-registry.js';
import { outcomeOfResult, type Outcome } from './outcome.js';
import { callHandler } from './call-handler.js';
import { continuedMessage, NOTHING_WITH_IT, settlementOf } from './settlement.js';
import { TaskContext, type RunControl } from './task-context.js';
import { PermanentTaskError, WorkerStoppedError } from './task-errors.js';
import { factsOf, TaskRun } from './task-run.js';

const contract = defineTask({
  name: 'a.task',
  queue: 'a',
  input: z.object({ n: z.coerce.number(), by: z.string().default('me') }),
});
const ERROR = { type: 'Error', message: 'away', stack: null };
const WRITER = { write: async () => undefined };

function taskRun(
  input: object = { n: 1 },
  change: Partial<TaskMessage['headers']> = {},
  args: unknown[] = [],
  options = contract,
): TaskRun {
  const { message: routed } = newTask(contract, 'task-1', input, 0);
  const { properties, headers } = routed.envelope;
  const message: TaskMessage = { properties, headers: { ...headers, ...change }, body: routed.body };
  const delivery: Delivery = {
    queue: 'a',
    exchange: 'an.exchange',
    routingKey: 'a.key',
    redelivered: false,
    message,
    alive: true,
    ack: () => undefined,
    release: () => undefined,
  };
  const claim: ClaimAnswer = {
    taskId: 'task-1',
    verdict: 'run',
    attempt: 4,
    retries: 2,
    generation: 6,
    deaths: 1,
    leaseRemainingMs: 0,
    interruptedAfterPointOfNoReturn: true,
  };
  return new TaskRun({ request: { ...decodeTaskMessage(message), args }, delivery, deliveredAtMs: 0 }, claim, options);
}

/** Calls it, and has it judged. */
async function call(run: TaskRun, handle: RegisteredHandler['run']) {
  const context = new TaskContext(factsOf(run, 'w@host'), run.abort.signal, {} as RunControl);
  const outcome = await callHandler(run, { contract, pool: 'async', run: handle }, context);
  return { outcome, rows: context.settlementRows };
}

describe('settlementOf', () => {
  it('keeps the result and the claim of a SUCCESS', () => {
    const settledWith = { rows: { writer: WRITER, data: 1 }, progress: '{}', log: [] };
    expect(settlementOf(taskRun(), outcomeOfResult({ ok: 1 }), settledWith)).toEqual({
      taskId: 'task-1',
      attempt: 4,
      state: 'SUCCESS',
      retries: 2,
      resultJson: '{"ok":1}',
      error: null,
      next: null,
      ...settledWith,
      isCutOff: false,
    });
  });

  it('sends a RETRY on as the protocol does: one generation and one retry more, the eta, its own parent', () => {
    const run = taskRun();
    const before = Date.now();
    const settlement = settlementOf(run, { state: 'RETRY', error: ERROR, countdownSeconds: 30 }, NOTHING_WITH_IT);
    const after = Date.now();
    const eta = new Date(settlement.next?.message.envelope.headers['eta'] as string);
    const { body, ...envelope } = continueTaskMessage(run.delivery.message, { generation: 7, retries: 3, eta });

    expect(settlement).toEqual({
      taskId: 'task-1',
      attempt: 4,
      state: 'RETRY',
      retries: 3,
      resultJson: null,
      error: ERROR,
      next: { message: { exchange: 'an.exchange', routingKey: 'a.key', envelope, body }, dueInMs: 30_000 },
      ...NOTHING_WITH_IT,
      isCutOff: false,
    });
    expect(envelope.headers).toMatchObject({ retries: 3, 'celeriac-generation': 7, parent_id: 'task-1' });
    expect(eta.getTime()).toBeGreaterThanOrEqual(before + 30_000);
    expect(eta.getTime()).toBeLessThanOrEqual(after + 30_000);
  });

  it('ends a FAILURE without a message, and keeps its rows', () => {
    const settledWith = { ...NOTHING_WITH_IT, rows: { writer: WRITER, data: 1 } };
    expect(settlementOf(taskRun(), { state: 'FAILURE', error: ERROR, deadLetterReason: null }, settledWith)).toEqual({
      taskId: 'task-1',
      attempt: 4,
      state: 'FAILURE',
      retries: 2,
      resultJson: null,
      error: ERROR,
      next: null,
      ...settledWith,
      isCutOff: false,
    });
  });

  it('sends the dead letter of a FAILURE at once', () => {
    const run = taskRun();
    const settlement = settlementOf(
      run,
      { state: 'FAILURE', error: ERROR, deadLetterReason: 'bad input' },
      NOTHING_WITH_IT,
    );
    expect(settlement).toMatchObject({ state: 'FAILURE', error: ERROR });
    expect(settlement.next).toEqual({ message: deadLetter(run.delivery, 'bad input'), dueInMs: 0 });
  });
});

describe('a settlement', () => {
  it.each<[Outcome, Partial<Settlement>]>([
    [{ state: 'IGNORED' }, { state: 'IGNORED', resultJson: null, error: null, next: null }],
    [
      { state: 'REVOKED', error: ERROR },
      { state: 'REVOKED', resultJson: null, error: ERROR, next: null },
    ],
  ])('of %p ends the task, and sends nothing', (outcome, expected) => {
    expect(settlementOf(taskRun(), outcome, NOTHING_WITH_IT)).toMatchObject(expected);
  });
});

describe('continuedMessage', () => {
  it('is the message as it came, for where it came from', () => {
    const { delivery } = taskRun();
    const { properties, headers, body } = delivery.message;
    expect(continuedMessage(delivery)).toEqual({
      exchange: 'an.exchange',
      routingKey: 'a.key',
      envelope: { properties, headers },
      body,
    });
  });
});

describe('callHandler', () => {
  it("hands in the schema's output and what is known of the run", async () => {
    const { outcome } = await call(taskRun({ n: '7' }), async (input, task) => {
      const { id, name, retries, attempt, interruptedAfterPointOfNoReturn } = task;
      return { input, id, name, retries, attempt, interruptedAfterPointOfNoReturn };
    });
    expect(outcome).toMatchObject({
      state: 'SUCCESS',
      result: {
        input: { n: 7, by: 'me' },
        id: 'task-1',
        name: 'a.task',
        retries: 2,
        attempt: 4,
        interruptedAfterPointOfNoReturn: true,
      },
    });
  });

  it("judges an error by the claim's retries, which a takeover does not change, not by the message's", async () => {
    const fail = async (): Promise<never> => Promise.reject(new Error('away'));
    expect((await call(taskRun({ n: 1 }, { retries: 9 }), fail)).outcome.state).toBe('RETRY');
  });

  it.each([
    { acksLate: true, outcome: { state: 'SNOOZE', countdownSeconds: 0 } },
    { acksLate: false, outcome: { state: 'FAILURE', error: { type: 'WorkerStoppedError' } } },
  ])('costs no retry when the worker stops; acksLate $acksLate: $outcome.state', async ({ acksLate, outcome }) => {
    const run = taskRun({ n: 1 }, {}, [], { ...contract, acksLate });
    const stopped = async (): Promise<never> => Promise.reject(new WorkerStoppedError());
    expect(await call(run, stopped)).toMatchObject({ outcome });
  });

  it('keeps the rows that a handler handed in before it threw', async () => {
    const { outcome, rows } = await call(taskRun(), async (_input, task) => {
      task.settleWith(WRITER, 'first');
      task.settleWith(WRITER, 'second');
      throw new PermanentTaskError('never');
    });
    expect(outcome.state).toBe('FAILURE');
    expect(rows).toEqual({ writer: WRITER, data: 'second' });
  });

  it.each<[string, TaskRun, string]>([
    ['input that fails its schema', taskRun({ n: 'x' }), 'n: Invalid input'],
    ['positional arguments', taskRun({}, {}, [1, 2]), 'args: expected keyword arguments only, got 2 positional'],
  ])('never calls the handler with %s: a dead letter', async (_what, run, problem) => {
    const { outcome, rows } = await call(run, async () => 'called');
    expect(outcome).toMatchObject({ state: 'FAILURE', deadLetterReason: expect.stringContaining(problem) });
    expect(rows).toBeNull();
  });
});

describe('a run', () => {
  const failure: Outcome = { state: 'FAILURE', error: ERROR, deadLetterReason: null };

  it('is decided by the first who does, and then only', async () => {
    const run = taskRun();
    expect([run.decide({ state: 'IGNORED' }), run.decide(failure)]).toEqual([true, false]);
    expect(run.isDecided).toBe(true);
    await expect(run.outcome).resolves.toEqual({ state: 'IGNORED' });
  });

  it('that is ended has its signal aborted, and its outcome', async () => {
    const run = taskRun();
    const reason = new Error('enough');
    expect(run.end(failure, reason)).toBe(true);
    expect(run.abort.signal.reason).toBe(reason);
    await expect(run.outcome).resolves.toEqual(failure);
  });

  it('that has passed its point of no return gets the signal alone', () => {
    const run = taskRun();
    run.passedPointOfNoReturn = true;
    expect(run.end(failure, new Error('enough'))).toBe(false);
    expect(run.abort.signal.aborted).toBe(true);
    expect(run.isDecided).toBe(false);
  });
});
