import { describe, expect, it } from '@jest/globals';
import { logRound } from './beat-log.js';
import { committed, type DoneTick, type Round, type TickOutcome } from './round.js';

function tick(outcome: TickOutcome, lateMs = 5): DoneTick {
  return {
    entry: 'daily',
    task: 'test.digest',
    dueAt: new Date('2026-01-01T07:00:00Z'),
    outcome,
    taskId: 'id',
    lateMs,
  };
}

function roundOf(ticks: DoneTick[], clockReadAtMs = 0): Round {
  return { found: ticks.length, ticks, disabled: [], nextInMs: null, clockReadAtMs };
}

function linesOf(round: Round): string[] {
  const lines: string[] = [];
  const write = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
  logRound({ debug: write('debug'), log: write('log'), warn: write('warn') }, round);
  return lines;
}

describe('what beat says of a round', () => {
  it('is a line for each time, with how late it was', () => {
    expect(linesOf(roundOf([tick('sent'), tick('held'), tick('skipped')]))).toEqual([
      'log Sent test.digest[id] (entry "daily", due 2026-01-01T07:00:00.000Z, 5 ms late).',
      'log Not sent: task id (unique) is still there (test.digest, entry "daily", due 2026-01-01T07:00:00.000Z).',
      'log Not sent: its last task has not ended (test.digest, entry "daily", due 2026-01-01T07:00:00.000Z).',
    ]);
  });

  it('is one line when there are many, and the rest is for debugging', () => {
    const ticks = [...Array.from({ length: 20 }, (_, lateMs) => tick('sent', lateMs)), tick('skipped', 99)];
    const lines = linesOf(roundOf(ticks));
    expect(lines.filter((line) => line.startsWith('debug '))).toHaveLength(21);
    expect(lines.at(-1)).toBe('log Sent 20 tasks, the latest 19 ms late. 1 were due and not sent.');
  });

  it('is why entries were disabled', () => {
    const disabled = [{ entry: 'daily', problem: 'the app knows no task "a"' }];
    expect(linesOf({ ...roundOf([tick('refused')]), disabled })).toEqual([
      'warn Entry "daily" is disabled: the app knows no task "a"',
    ]);
  });
});

it('late is what is late when it has been committed', () => {
  const [late] = committed(roundOf([tick('sent')], performance.now() - 1000)).ticks;
  expect(late?.lateMs).toBeGreaterThanOrEqual(1005);
});
