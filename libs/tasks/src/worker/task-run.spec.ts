import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Delivery } from '../broker/broker.js';
import { newTask } from '../client/new-task.js';
import { defineTask } from '../contract/define-task.js';
import { continueTaskMessage, decodeTaskMessage, type TaskMessage } from '../protocol/index.js';
import { deadLetter } from './dead-letters.js';
import type { RegisteredHandler } from './handler-registry.js';
import { callHandler, continuedMessage, settlementOf, type TaskRun } from './task-run.js';
import { PermanentTaskError } from './task-errors.js';

const contract = defineTask({
  name: 'a.task',
  queue: 'a',
  input: z.object({ n: z.coerce.number(), by: z.string().default('me') }),
});
const ERROR = { type: 'Error', message: 'away', stack: null };
const WRITER = { write: async () => undefined };

function taskRun(input: object = { n: 1 }, change: Partial<TaskMessage['headers']> = {}): TaskRun {
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
  return {
    request: decodeTaskMessage(message),
    delivery,
    deliveredAtMs: 0,
    isMessageGone: false,
    mayRunAgain: true,
    startedAtMs: 0,
    passedPointOfNoReturn: false,
    abort: new AbortController(),
    claim: {
      taskId: 'task-1',
      verdict: 'run',
      attempt: 4,
      retries: 2,
      generation: 6,
      deaths: 1,
      leaseRemainingMs: 0,
      interruptedAfterPointOfNoReturn: true,
    },
  };
}

function call(run: TaskRun, handle: RegisteredHandler['run']) {
  const control = { passPointOfNoReturn: async () => undefined };
  return callHandler(run, { contract, pool: 'async', run: handle }, control);
}

describe('settlementOf', () => {
  it('keeps the result and the claim of a SUCCESS', () => {
    const rows = { writer: WRITER, data: 1 };
    expect(settlementOf(taskRun(), { state: 'SUCCESS', result: { ok: 1 } }, rows)).toEqual({
      taskId: 'task-1',
      attempt: 4,
      state: 'SUCCESS',
      retries: 2,
      result: { ok: 1 },
      error: null,
      next: null,
      rows,
    });
  });

  it('sends a RETRY on as the protocol does: one generation and one retry more, the eta, its own parent', () => {
    const run = taskRun();
    const before = Date.now();
    const settlement = settlementOf(run, { state: 'RETRY', error: ERROR, countdownSeconds: 30 }, null);
    const after = Date.now();
    const eta = new Date(settlement.next?.message.envelope.headers['eta'] as string);
    const { body, ...envelope } = continueTaskMessage(run.delivery.message, { generation: 7, retries: 3, eta });

    expect(settlement).toEqual({
      taskId: 'task-1',
      attempt: 4,
      state: 'RETRY',
      retries: 3,
      result: null,
      error: ERROR,
      next: { message: { exchange: 'an.exchange', routingKey: 'a.key', envelope, body }, dueInMs: 30_000 },
      rows: null,
    });
    expect(envelope.headers).toMatchObject({ retries: 3, 'celeriac-generation': 7, parent_id: 'task-1' });
    expect(eta.getTime()).toBeGreaterThanOrEqual(before + 30_000);
    expect(eta.getTime()).toBeLessThanOrEqual(after + 30_000);
  });

  it('ends a FAILURE without a message, and keeps its rows', () => {
    const rows = { writer: WRITER, data: 1 };
    expect(settlementOf(taskRun(), { state: 'FAILURE', error: ERROR, deadLetterReason: null }, rows)).toEqual({
      taskId: 'task-1',
      attempt: 4,
      state: 'FAILURE',
      retries: 2,
      result: null,
      error: ERROR,
      next: null,
      rows,
    });
  });

  it('sends the dead letter of a FAILURE at once', () => {
    const run = taskRun();
    const settlement = settlementOf(run, { state: 'FAILURE', error: ERROR, deadLetterReason: 'bad input' }, null);
    expect(settlement).toMatchObject({ state: 'FAILURE', error: ERROR });
    expect(settlement.next).toEqual({ message: deadLetter(run.delivery, 'bad input'), dueInMs: 0 });
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
    expect(outcome).toEqual({
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
    ['positional arguments', withArgs(taskRun(), [1, 2]), 'args: expected keyword arguments only, got 2 positional'],
  ])('never calls the handler with %s: a dead letter', async (_what, run, problem) => {
    const { outcome, rows } = await call(run, async () => 'called');
    expect(outcome).toMatchObject({ state: 'FAILURE', deadLetterReason: expect.stringContaining(problem) });
    expect(rows).toBeNull();
  });
});

function withArgs(run: TaskRun, args: unknown[]): TaskRun {
  return { ...run, request: { ...run.request, args } };
}
