import { describe, expect, it } from '@jest/globals';
import type { RetryPolicy } from '../contract/task-options.js';
import { InvalidTaskInputError } from '../contract/invalid-task-input.error.js';
import { outcomeOfError, toTaskError } from './outcome.js';
import { ClaimLostError, PermanentTaskError, RetryTaskError, SnoozeTaskError } from './task-errors.js';

const POLICY: RetryPolicy = { maxRetries: 2, retryBackoff: 4, retryBackoffMax: 600, retryJitter: true };

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
    });
  });

  it.each([new PermanentTaskError('never'), new MailboxFull('never')])(
    'is FAILURE at once for a permanent error: %p',
    (error) => {
      expect(outcomeOfError(error, POLICY, 0)).toEqual({
        state: 'FAILURE',
        error: expect.objectContaining({ type: error.name, message: 'never' }),
        deadLetterReason: null,
      });
    },
  );

  it('is a dead letter as well for input that fails its schema, whatever retries are left', () => {
    const error = new InvalidTaskInputError('a.task', [{ path: 'to.0', message: 'no address' }]);
    expect(outcomeOfError(error, { ...POLICY, maxRetries: null }, 0)).toEqual({
      state: 'FAILURE',
      error: expect.objectContaining({ type: 'InvalidTaskInputError' }),
      deadLetterReason: 'The input of task a.task was refused: to.0: no address',
    });
  });
});

describe('toTaskError', () => {
  it.each([
    ['a text', { type: 'string', message: 'a text', stack: null }],
    [404, { type: 'number', message: '404', stack: null }],
    [undefined, { type: 'undefined', message: 'undefined', stack: null }],
    [null, { type: 'object', message: 'null', stack: null }],
  ])('takes %p, which is no Error, as it is', (thrown, expected) => {
    expect(toTaskError(thrown)).toEqual(expected);
  });

  it('has null for a stack that is not there', () => {
    const error = new Error('bare');
    delete error.stack;
    expect(toTaskError(error)).toEqual({ type: 'Error', message: 'bare', stack: null });
  });
});
