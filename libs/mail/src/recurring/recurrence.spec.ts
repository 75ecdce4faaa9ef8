import { describe, expect, it } from '@jest/globals';
import { parseSchedule, type Schedule } from '@celeriac/schedule';
import { recurrenceForm, recurrenceOf, scheduleOf, type Recurrence } from './recurrence.js';

const VIENNA = { time: '09:00', zone: 'Europe/Vienna' };

function crontab(text: string): Schedule {
  return { type: 'crontab', crontab: text, timezone: 'Europe/Vienna' };
}

describe('a recurrence and its schedule', () => {
  it.each<[recurrence: Recurrence, text: string]>([
    [{ repeat: 'daily', ...VIENNA }, '0 9 * * *'],
    [{ repeat: 'daily', ...VIENNA, time: '23:59' }, '59 23 * * *'],
    [{ repeat: 'daily', ...VIENNA, time: '00:00' }, '0 0 * * *'],
    [{ repeat: 'weekdays', ...VIENNA }, '0 9 * * MON-FRI'],
    [{ repeat: 'weekly', weekday: 'MON', ...VIENNA }, '0 9 * * MON'],
    [{ repeat: 'weekly', weekday: 'SUN', ...VIENNA, time: '07:05' }, '5 7 * * SUN'],
    [{ repeat: 'monthly', day: '1', ...VIENNA }, '0 9 1 * *'],
    [{ repeat: 'monthly', day: '28', ...VIENNA }, '0 9 28 * *'],
    [{ repeat: 'monthly', day: 'last', ...VIENNA }, '0 9 L * *'],
  ])('%j is %s, both ways', (recurrence, text) => {
    expect(scheduleOf(recurrence)).toEqual(crontab(text));
    expect(parseSchedule(scheduleOf(recurrence))).toEqual(crontab(text));
    expect(recurrenceOf(crontab(text))).toEqual(recurrence);
  });

  it.each<[text: string, days: object]>([
    [' 00  09 * * mon ', { repeat: 'weekly', weekday: 'MON' }],
    ['0 9 * * 0', { repeat: 'weekly', weekday: 'SUN' }],
    ['0 9 * * 7', { repeat: 'weekly', weekday: 'SUN' }],
    ['0 9 * * 3', { repeat: 'weekly', weekday: 'WED' }],
    ['0 9 * * 1-5', { repeat: 'weekdays' }],
    ['0 9 05 * *', { repeat: 'monthly', day: '5' }],
    ['0 9 l * *', { repeat: 'monthly', day: 'last' }],
  ])('knows “%s”, written in another way', (text, days) => {
    expect(recurrenceOf(crontab(text))).toEqual({ ...days, ...VIENNA });
  });

  it.each([
    '*/10 9 * * *',
    '0 9,17 * * *',
    '0 * * * *',
    '* 9 * * *',
    '0 9 * 1 *',
    '0 9 1 * MON',
    '0 9 1 * +MON',
    '0 9 31 * *',
    '0 9 1,15 * *',
    '0 9 * * MON,WED',
    '0 9 * * FRI#2',
    '0 9 * * 5L',
    '0 9 * * SUN-THU',
    '0 9 LW * *',
  ])('has no words for %s', (text) => {
    expect(recurrenceOf(crontab(text))).toBeNull();
  });

  it.each<Schedule | null>([
    null,
    { type: 'interval', every: 1, period: 'days' },
    { type: 'clocked', at: new Date() },
    { type: 'solar', event: 'sunrise', latitude: 48, longitude: 16 },
  ])('has no words for %j', (schedule) => {
    expect(recurrenceOf(schedule)).toBeNull();
  });
});

describe('the form of a recurrence', () => {
  const all = { weekday: 'MON', day: '1', ...VIENNA };

  it.each([
    ['daily', {}],
    ['weekdays', {}],
    ['weekly', { weekday: 'MON' }],
    ['monthly', { day: '1' }],
  ])('keeps of %s what belongs to it', (repeat, own) => {
    expect(recurrenceForm.parse({ repeat, ...all })).toEqual({ repeat, ...own, ...VIENNA });
  });

  it.each<[field: string, problem: string, given: object]>([
    ['repeat', 'Choose how often', { repeat: 'hourly' }],
    ['repeat', 'Choose how often', { repeat: '' }],
    ['repeat', 'Choose how often', { repeat: undefined }],
    ['weekday', 'day of the week', { repeat: 'weekly', weekday: 'Monday' }],
    ['weekday', 'day of the week', { repeat: 'weekly', weekday: undefined }],
    ['day', 'day of the month', { repeat: 'monthly', day: '29' }],
    ['day', 'day of the month', { repeat: 'monthly', day: '0' }],
    ['day', 'day of the month', { repeat: 'monthly', day: '01' }],
    ['time', 'such as 09:00', { time: '' }],
    ['time', 'such as 09:00', { time: '24:00' }],
    ['time', 'such as 09:00', { time: '9:00' }],
    ['time', 'such as 09:00', { time: '09:60' }],
    ['time', 'such as 09:00', { time: '09:00:30' }],
    ['zone', 'such as Europe/Vienna', { zone: '' }],
    ['zone', 'such as Europe/Vienna', { zone: 'Nowhere/Land' }],
    ['zone', 'such as Europe/Vienna', { zone: 'x'.repeat(10_000) }],
  ])('says at %s: … %s …: %j', (field, problem, given) => {
    const { error } = recurrenceForm.safeParse({ repeat: 'daily', ...all, ...given });
    expect(error?.issues).toEqual([
      expect.objectContaining({ path: [field], message: expect.stringContaining(problem) }),
    ]);
  });

  it('says all that is wrong at once', () => {
    const { error } = recurrenceForm.safeParse({ repeat: 'weekly', weekday: '', time: '', zone: '' });
    expect(error?.issues.map(({ path }) => path)).toEqual([['weekday'], ['time'], ['zone']]);
  });
});
