import { describe, expect, it } from '@jest/globals';
import { InvalidTaskInputError } from '../contract/invalid-task-input.error.js';
import { outcomeOfError, outcomeOfInputError, outcomeOfResult, toTaskError, type OutcomeRules } from './outcome.js';
import {
  ClaimLostError,
  IgnoreTaskError,
  PermanentTaskError,
  RejectTaskError,
  RetryRequestedError,
  RetryTaskError,
  SnoozeTaskError,
} from './task-errors.js';

const POLICY: OutcomeRules = {
  maxRetries: 2,
  retryBackoff: 4,
  retryBackoffMax: 600,
  retryJitter: true,
  defaultRetryDelay: 180,
};

class MailboxFull extends PermanentTaskError {
  override readonly name = 'MailboxFull';
}

describe('outcomeOfError', () => {
  it.each([
    { retries: 0, random: 0, countdownSeconds: 0 },
    { retries: 0, random: 0.999999, countdownSeconds: 4 },
    { retries: 1, random: 0.999999, countdownSeconds: 8 },
  ])('is a retry after $retries retries, drawn with $random', ({ retries, random, countdownSeconds }) => {
    expect(outcomeOfError(new RangeError('away'), POLICY, retries, () => random)).toEqual({
      state: 'RETRY',
      error: { type: 'RangeError', message: 'away', stack: expect.stringContaining('outcome.spec') },
      countdownSeconds,
    });
  });

  it.each([
    { retries: 0, minSeconds: 300, countdownSeconds: 300 },
    { retries: 1, minSeconds: 3, countdownSeconds: 8 },
  ])(
    'is a retry after at least $minSeconds s when the error asks for it',
    ({ retries, minSeconds, countdownSeconds }) => {
      const error = new RetryTaskError('come again', minSeconds);
      expect(outcomeOfError(error, POLICY, retries, () => 0.999999)).toMatchObject({
        state: 'RETRY',
        error: { type: 'RetryTaskError', message: 'come again' },
        countdownSeconds,
      });
      expect(outcomeOfError(error, POLICY, 2)).toMatchObject({ state: 'FAILURE' });
    },
  );

  it.each([
    { error: new SnoozeTaskError('not now', 60), countdownSeconds: 60 },
    { error: new ClaimLostError('task-1', 3), countdownSeconds: 1 },
  ])('is put off, whatever retries are left, for $error.name', ({ error, countdownSeconds }) => {
    const outcome = outcomeOfError(error, POLICY, 2);
    expect(outcome).toEqual({ state: 'SNOOZE', countdownSeconds });
  });

  it('is FAILURE when the retries are used up, and no dead letter', () => {
    expect(outcomeOfError(new Error('away'), POLICY, 2)).toEqual({
      state: 'FAILURE',
      error: expect.objectContaining({ type: 'Error', message: 'away' }),
      deadLetterReason: null,
      isExpected: false,
    });
  });

  it.each([new PermanentTaskError('never'), new MailboxFull('never')])(
    'is FAILURE at once for a permanent error: %p',
    (error) => {
      expect(outcomeOfError(error, POLICY, 0)).toEqual({
        state: 'FAILURE',
        error: expect.objectContaining({ type: error.name, message: 'never' }),
        deadLetterReason: null,
        isExpected: false,
      });
    },
  );

  it('is a dead letter as well for input that fails its schema, whatever retries are left', () => {
    const error = new InvalidTaskInputError('a.task', [{ path: 'to.0', message: 'no address' }]);
    expect(outcomeOfInputError(error, { ...POLICY, maxRetries: null }, 0)).toEqual({
      state: 'FAILURE',
      error: expect.objectContaining({ type: 'InvalidTaskInputError' }),
      deadLetterReason: 'The input of task a.task was refused: to.0: no address',
      isExpected: false,
    });
    // A handler whose call of another task was refused: that is an error of its own.
    expect(outcomeOfError(error, POLICY, 2)).toMatchObject({ state: 'FAILURE', deadLetterReason: null });
  });
});

describe('an error by its class', () => {
  const NONE: OutcomeRules = { ...POLICY, autoretryFor: [] };
  const NETWORK: OutcomeRules = { ...POLICY, autoretryFor: [RangeError] };
  const NOT_SYNTAX: OutcomeRules = { ...POLICY, dontAutoretryFor: [SyntaxError] };
  const BOTH: OutcomeRules = { ...POLICY, autoretryFor: [Error], dontAutoretryFor: [SyntaxError] };
  const EXPECTED: OutcomeRules = { ...POLICY, throws: [RangeError] };
  const EXPECTED_AND_TRIED: OutcomeRules = { ...POLICY, throws: [RangeError], autoretryFor: [RangeError] };
  class FarAway extends RangeError {}

  it.each([
    ['any, without rules', POLICY, new FarAway(), 'RETRY', undefined],
    ['one of autoretryFor', NETWORK, new RangeError(), 'RETRY', undefined],
    ['a subclass of one of autoretryFor', NETWORK, new FarAway(), 'RETRY', undefined],
    ['none of autoretryFor', NETWORK, new TypeError(), 'FAILURE', false],
    ['what is no Error, with autoretryFor', NETWORK, 'RangeError', 'FAILURE', false],
    ['any, when autoretryFor is empty', NONE, new Error(), 'FAILURE', false],
    ['one of dontAutoretryFor', NOT_SYNTAX, new SyntaxError(), 'FAILURE', false],
    ['another than those of dontAutoretryFor', NOT_SYNTAX, new RangeError(), 'RETRY', undefined],
    ['one of both', BOTH, new SyntaxError(), 'FAILURE', false],
    ['one of throws', EXPECTED, new FarAway(), 'FAILURE', true],
    ['another than those of throws', EXPECTED, new TypeError(), 'RETRY', undefined],
    ['one of throws that autoretryFor names', EXPECTED_AND_TRIED, new RangeError(), 'RETRY', undefined],
    ['RetryTaskError, whatever autoretryFor says', NONE, new RetryTaskError('again', 0), 'RETRY', undefined],
    ['task.retry(), whatever autoretryFor says', NONE, new RetryRequestedError(1, undefined), 'RETRY', undefined],
  ])('%s', (_what, rules, thrown, state, isExpected) => {
    const outcome = outcomeOfError(thrown, rules, 0);
    expect(outcome.state).toBe(state);
    expect('isExpected' in outcome ? outcome.isExpected : undefined).toBe(isExpected);
  });

  it('is expected still when the retries that autoretryFor allowed are used up', () => {
    expect(outcomeOfError(new RangeError(), EXPECTED_AND_TRIED, 2)).toMatchObject({
      state: 'FAILURE',
      isExpected: true,
    });
  });
});

describe('what a handler asks for', () => {
  const away = new RangeError('away');

  it.each([
    ['just then', new RetryRequestedError(7, undefined), 0, 7],
    ['after defaultRetryDelay', new RetryRequestedError(null, undefined), 1, 180],
    ['beyond the contract’s maxRetries', new RetryRequestedError(0, 5), 4, 0],
    ['for ever', new RetryRequestedError(0, null), 1000, 0],
  ])('is tried again: %s', (_what, request, retries, countdownSeconds) => {
    expect(outcomeOfError(request, POLICY, retries)).toMatchObject({ state: 'RETRY', countdownSeconds });
  });

  it.each([
    ['the contract’s', new RetryRequestedError(1, undefined, away), 2, { type: 'RangeError', message: 'away' }],
    ['its own', new RetryRequestedError(1, 1, away), 1, { type: 'RangeError', message: 'away' }],
    ['no error given', new RetryRequestedError(1, undefined), 2, { type: 'MaxRetriesExceededError' }],
  ])('fails when the retries are used up: %s', (_what, request, retries, error) => {
    expect(outcomeOfError(request, POLICY, retries)).toMatchObject({ state: 'FAILURE', error, deadLetterReason: null });
  });

  it('keeps why it is tried again', () => {
    const request = new RetryRequestedError(1, undefined, away);
    expect(outcomeOfError(request, POLICY, 0)).toMatchObject({ error: { type: 'RangeError', message: 'away' } });
  });

  it('is a dead letter with the reason', () => {
    expect(outcomeOfError(new RejectTaskError('not ours'), POLICY, 0)).toMatchObject({
      state: 'FAILURE',
      error: { type: 'RejectTaskError', message: 'not ours' },
      deadLetterReason: 'not ours',
    });
  });

  it('is nothing to tell of', () => {
    expect(outcomeOfError(new IgnoreTaskError(), POLICY, 0)).toEqual({ state: 'IGNORED' });
  });
});

describe('outcomeOfResult', () => {
  it.each([
    [{ sent: [1] }, '{"sent":[1]}'],
    ['text', '"text"'],
    [0, '0'],
    [undefined, null],
    [null, null],
    [() => 1, null],
  ])('has %p as JSON', (result, resultJson) => {
    expect(outcomeOfResult(result)).toEqual({ state: 'SUCCESS', result, resultJson });
  });

  it('throws for what is no JSON', () => {
    expect(() => outcomeOfResult(1n)).toThrow(TypeError);
  });
});

describe('toTaskError', () => {
  it.each([
    ['a text', { type: 'string', message: 'a text', stack: null }],
    [404, { type: 'number', message: '404', stack: null }],
    [undefined, { type: 'undefined', message: 'undefined', stack: null }],
    [null, { type: 'object', message: 'null', stack: null }],
    [{ code: 'E1' }, { type: 'object', message: "{ code: 'E1' }", stack: null }],
    [Object.create(null), { type: 'object', message: '[Object: null prototype] {}', stack: null }],
  ])('takes %p, which is no Error, as it is', (thrown, expected) => {
    expect(toTaskError(thrown)).toEqual(expected);
  });

  it('has null for a stack that is not there', () => {
    const error = new Error('bare');
    delete error.stack;
    expect(toTaskError(error)).toEqual({ type: 'Error', message: 'bare', stack: null });
  });
});
