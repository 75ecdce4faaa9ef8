import { describe, expect, it } from '@jest/globals';
import { startProblem } from './start-problem.js';

class OwnError extends Error {
  override readonly name = 'OwnError';
}

const withCode = (error: Error, code: string): Error => Object.assign(error, { code });

describe('why a process could not start', () => {
  it.each<[error: Error, line: string]>([
    [new OwnError('Port 80 is not for us.'), 'OwnError: Port 80 is not for us.'],
    [
      withCode(new Error('password authentication failed for user "ann"'), '28P01'),
      'The database refuses us: password authentication failed for user "ann". Check DATABASE_URL.',
    ],
    [
      withCode(new Error('database "x" does not exist'), '3D000'),
      'The database refuses us: database "x" does not exist. Check DATABASE_URL.',
    ],
    [
      withCode(new AggregateError([new Error('connect ECONNREFUSED ::1:9')]), 'ECONNREFUSED'),
      'The database cannot be reached: connect ECONNREFUSED ::1:9. Is it running? Its address is DATABASE_URL.',
    ],
    [
      withCode(new Error('listen EADDRINUSE: address already in use 127.0.0.1:9100'), 'EADDRINUSE'),
      'A port is taken by another program: listen EADDRINUSE: address already in use 127.0.0.1:9100.',
    ],
  ])('%s', (error, line) => {
    expect(startProblem(error)).toBe(line);
  });

  it.each([new Error('undefined behaviour'), new TypeError('x is not a function'), 'text', null])(
    'is not known of %p',
    (error) => {
      expect(startProblem(error)).toBeUndefined();
    },
  );
});
