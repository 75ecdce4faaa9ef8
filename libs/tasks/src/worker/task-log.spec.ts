import { describe, expect, it } from '@jest/globals';
import { AttemptLog } from './task-log.js';

describe('AttemptLog', () => {
  it('keeps the lines in order', () => {
    const log = new AttemptLog();
    log.add('log', 'one');
    log.add('warn', 'two');
    expect(log.lines).toMatchObject([
      { level: 'log', message: 'one' },
      { level: 'warn', message: 'two' },
    ]);
  });

  it.each([
    ['200 lines', 203, 'short', 200],
    ['16 KB', 20, 'x'.repeat(1024), 16],
    ['16 KB, also in one line', 1, 'x'.repeat(20_000), 0],
  ])('keeps %s, and says how many were left out', (_what, count, message, kept) => {
    const log = new AttemptLog();
    for (let n = 0; n < count; n += 1) log.add('log', message);
    expect(log.lines).toHaveLength(kept + 1);
    expect(log.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(new RegExp(`^${count - kept} more lines were left out`)),
    });
  });

  it('leaves out all that follow the first that was, so that there are no gaps', () => {
    const log = new AttemptLog();
    log.add('log', 'x'.repeat(20_000));
    log.add('log', 'short');
    expect(log.lines).toHaveLength(1);
  });
});
