import { describe, expect, it } from '@jest/globals';
import { dueTicks, jitterMs, nextRunOf } from './due-ticks.js';
import type { Missed } from './entry.js';

const hourly = { type: 'crontab', crontab: '0 * * * *', timezone: 'UTC' } as const;
const whole = { schedule: hourly, startsAt: null, endsAt: null, oneOff: false, missed: 'last' as Missed };

function at(clock: string): Date {
  return new Date(`2026-01-01T${clock}Z`);
}

function clocks(times: Date[]): string[] {
  return times.map((time) => time.toISOString().slice(11, 16));
}

describe('an entry that is due', () => {
  it.each<[missed: Missed, nextRunAt: string, now: string, ticks: string[]]>([
    ['last', '07:00:00', '07:00:00.004', ['07:00']],
    ['last', '07:00:00', '11:30:00', ['11:00']],
    ['last', '07:00:00', '07:59:59', ['07:00']],
    ['all', '07:00:00', '07:00:00.004', ['07:00']],
    ['all', '07:00:00', '11:30:00', ['07:00', '08:00', '09:00', '10:00', '11:00']],
    ['skip', '07:00:00', '07:00:00.004', ['07:00']],
    ['skip', '07:00:00', '07:00:59', ['07:00']],
    ['skip', '07:00:00', '11:30:00', []],
    ['skip', '07:00:00', '11:00:30', ['11:00']],
  ])('%s: since %s, found at %s, sends for %j', (missed, nextRunAt, now, ticks) => {
    const due = dueTicks({ ...whole, missed, nextRunAt: at(nextRunAt) }, at(now));
    expect(clocks(due.ticks)).toEqual(ticks);
    expect(due.nextRunAt).toEqual(nextRunOf(whole, at(now)));
  });

  it('makes up for the last hundred at most', () => {
    const schedule = { type: 'interval', every: 1, period: 'seconds', from: at('00:00:00') } as const;
    const { ticks } = dueTicks({ ...whole, schedule, missed: 'all', nextRunAt: at('07:00:00') }, at('11:00:00'));
    expect(ticks).toHaveLength(100);
    expect(ticks.at(-1)).toEqual(at('11:00:00'));
  });

  it('sends once if it is for one time only', () => {
    const due = dueTicks({ ...whole, missed: 'all', oneOff: true, nextRunAt: at('07:00:00') }, at('11:30:00'));
    expect(due.ticks).toEqual([at('11:00:00')]);
  });

  it('sends for no time at or after its end', () => {
    const endsAt = at('09:00:00');
    expect(dueTicks({ ...whole, missed: 'all', endsAt, nextRunAt: at('07:00:00') }, at('11:30:00'))).toEqual({
      ticks: [at('07:00:00'), at('08:00:00')],
      nextRunAt: null,
    });
  });
});

describe('an entry of a zone whose clocks are changed', () => {
  it.each<[crontab: string, nextRunAt: string, next: string]>([
    ['30 2 * * *', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
    ['30 2 * * *', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ['*/30 * * * *', '2026-10-25T00:30:00Z', '2026-10-25T01:00:00Z'],
    ['*/30 * * * *', '2026-10-25T01:30:00Z', '2026-10-25T02:00:00Z'],
    ['0 2,3 * * *', '2026-03-29T01:00:00Z', '2026-03-30T00:00:00Z'],
  ])('%s, due at %s, is sent for that time, and due next at %s', (text, nextRunAt, next) => {
    const schedule = { type: 'crontab', crontab: text, timezone: 'Europe/Vienna' } as const;
    const due = new Date(nextRunAt);
    expect(dueTicks({ ...whole, schedule, nextRunAt: due }, new Date(due.getTime() + 4))).toEqual({
      ticks: [due],
      nextRunAt: new Date(next),
    });
  });
});

describe('when an entry is due next', () => {
  it.each<[startsAt: string | null, endsAt: string | null, after: string, next: string | null]>([
    [null, null, '06:30:00', '07:00'],
    [null, null, '07:00:00', '08:00'],
    ['10:00:00', null, '06:30:00', '10:00'],
    ['10:30:00', null, '06:30:00', '11:00'],
    ['05:00:00', null, '06:30:00', '07:00'],
    [null, '07:00:00', '06:30:00', null],
    [null, '07:00:01', '06:30:00', '07:00'],
  ])('from %s to %s, after %s: %s', (startsAt, endsAt, after, next) => {
    const bounds = { startsAt: startsAt === null ? null : at(startsAt), endsAt: endsAt === null ? null : at(endsAt) };
    const run = nextRunOf({ schedule: hourly, ...bounds }, at(after));
    expect(run === null ? null : clocks([run])[0]).toBe(next);
  });
});

describe('jitter', () => {
  it('is the same for each who computes it, spread, and within its bounds', () => {
    const delays = Array.from({ length: 200 }, (_, hour) =>
      jitterMs({ name: 'digest', jitterSeconds: 60 }, new Date(hour * 3_600_000)),
    );
    expect(delays[7]).toBe(jitterMs({ name: 'digest', jitterSeconds: 60 }, new Date(7 * 3_600_000)));
    expect(Math.min(...delays)).toBeLessThan(6000);
    expect(Math.max(...delays)).toBeGreaterThan(54_000);
    expect(Math.max(...delays)).toBeLessThan(60_000);
    expect(jitterMs({ name: 'digest', jitterSeconds: 0 }, new Date())).toBe(0);
  });
});
