import { describe, expect, it } from '@jest/globals';
import type { Recurrence } from '@celeriac/mail';
import { timesWords } from './recurrence-words.js';

const NINE = { time: '09:00', zone: 'UTC' };

describe('timesWords', () => {
  it.each<[recurrence: Recurrence, words: string]>([
    [{ repeat: 'daily', ...NINE }, 'Every day at 09:00, UTC'],
    [{ repeat: 'weekdays', ...NINE }, 'Every weekday, Monday to Friday, at 09:00, UTC'],
    [{ repeat: 'weekly', weekday: 'WED', ...NINE }, 'Every Wednesday at 09:00, UTC'],
    [{ repeat: 'monthly', day: '5', ...NINE }, 'On day 5 of each month at 09:00, UTC'],
    [{ repeat: 'monthly', day: 'last', ...NINE }, 'On the last day of each month at 09:00, UTC'],
  ])('says of %j: %s', (recurrence, words) => {
    expect(timesWords({ recurrence, schedule: null })).toBe(words);
  });

  it('has the words of the schedule for what the form cannot express', () => {
    const words = timesWords({ recurrence: null, schedule: { type: 'interval', every: 2, period: 'hours' } });
    expect(words).toBe('Every 2 hours');
  });

  it('says so when there is no schedule', () => {
    expect(timesWords({ recurrence: null, schedule: null })).toBe('At no times that can be read');
  });
});
