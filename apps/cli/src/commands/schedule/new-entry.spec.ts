import { describe, expect, it } from '@jest/globals';
import { newEntry, sourceOf, type AddOptions } from './new-entry.js';

const NOTHING = { args: [], kwargs: {} };
const hourly: AddOptions = { ...NOTHING, every: { every: 1, period: 'hours' } };

describe('an entry of the command line', () => {
  it.each<[options: Partial<AddOptions>, schedule: object]>([
    [
      { crontab: '0 7 * * *', timezone: 'Europe/Vienna' },
      { type: 'crontab', crontab: '0 7 * * *', timezone: 'Europe/Vienna' },
    ],
    [{ crontab: '0 7 * * *' }, { type: 'crontab', crontab: '0 7 * * *', timezone: 'Asia/Tokyo' }],
    [
      { every: { every: 30, period: 'minutes' }, start: new Date(7000) },
      { type: 'interval', every: 30, period: 'minutes', from: new Date(7000) },
    ],
    [{ at: new Date(0) }, { type: 'clocked', at: new Date(0) }],
    [
      { solar: 'sunset', latitude: 1, longitude: 2 },
      { type: 'solar', event: 'sunset', latitude: 1, longitude: 2 },
    ],
  ])('is due as it is told: %j', (options, schedule) => {
    expect(newEntry('name', 'task', { ...NOTHING, ...options }, 'Asia/Tokyo')).toMatchObject({
      name: 'name',
      task: 'task',
      schedule,
    });
  });

  it.each<[options: Partial<AddOptions>, words: string]>([
    [{}, 'When is it due? Expected one of --crontab, --every, --at, --solar.'],
    [{ crontab: '0 7 * * *', at: new Date(0) }, 'When is it due? Expected one of'],
    [{ at: new Date(0), timezone: 'UTC' }, '--timezone is of --crontab: leave it out.'],
    [{ crontab: '0 7 * * *', latitude: 0 }, '--latitude is of --solar: leave it out.'],
  ])('has one schedule, and what is of that: %j', (options, words) => {
    expect(() => newEntry('name', 'task', { ...NOTHING, ...options }, 'Asia/Tokyo')).toThrow(words);
  });

  it.each([
    ['name', 'name'],
    ['task', 'task'],
    ['schedule.crontab', '--crontab'],
    ['schedule.timezone', '--timezone'],
    ['schedule.event', '--solar'],
    ['schedule.period', '--every'],
    ['schedule.longitude', '--longitude'],
    ['schedule', '--every'],
    ['options.queue', '--queue'],
    ['options.headers.0', '--headers'],
    ['startsAt', '--start'],
    ['endsAt', '--end'],
    ['jitterSeconds', '--jitter'],
    ['missed', '--missed'],
    ['kwargs.to.0.name', '--kwargs to.0.name'],
    ['args.0', '--args 0'],
  ])('whose field %s comes from %s', (field, source) => {
    expect(sourceOf(field, hourly)).toBe(source);
  });
});
