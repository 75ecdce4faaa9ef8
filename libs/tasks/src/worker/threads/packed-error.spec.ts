import { describe, expect, it } from '@jest/globals';
import { PermanentTaskError, SnoozeTaskError, TaskRevokedError } from '../task-errors.js';
import { packError, unpackError } from './packed-error.js';

/** There and back. */
function sent(thrown: unknown, asked?: Parameters<typeof unpackError>[1]): unknown {
  return unpackError(structuredClone(packError(thrown)), asked);
}

class OwnError extends Error {
  override readonly name = 'OwnError';
}

describe('a packed error', () => {
  it('keeps our classes with their fields', () => {
    const snooze = sent(new SnoozeTaskError('Later', 7));
    expect(snooze).toBeInstanceOf(SnoozeTaskError);
    expect(snooze).toMatchObject({ name: 'SnoozeTaskError', message: 'Later', countdownSeconds: 7 });
    expect(sent(new TaskRevokedError('1', true))).toMatchObject({ taskId: '1', terminated: true });
  });

  it('is of the nearest class that is known, under its own name', () => {
    class TooBigError extends PermanentTaskError {
      override readonly name = 'TooBigError';
    }
    const error = sent(new TooBigError('No'));
    expect(error).toBeInstanceOf(PermanentTaskError);
    expect(error).toMatchObject({ name: 'TooBigError' });
  });

  it("keeps the language's classes", () => {
    expect(sent(new RangeError('Far'))).toBeInstanceOf(RangeError);
  });

  it('is an ordinary error if its class is not known, with its name, its stack and what of it can be cloned', () => {
    const thrown = Object.assign(new OwnError('Oh'), { code: 'EOH', retry: () => undefined });
    const error = sent(thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(OwnError);
    expect(error).toMatchObject({ name: 'OwnError', message: 'Oh', code: 'EOH', stack: thrown.stack });
    expect(error).not.toHaveProperty('retry');
  });

  it('keeps a class that is asked for', () => {
    expect(sent(new OwnError('Oh'), [OwnError])).toBeInstanceOf(OwnError);
  });

  it('may be no error at all', () => {
    expect(sent('a word')).toBe('a word');
    expect(sent(undefined)).toBeUndefined();
    expect(sent(Symbol('a sign'))).toBe('Symbol(a sign)');
  });
});
