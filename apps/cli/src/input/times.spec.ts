import { describe, expect, it } from '@jest/globals';
import { secondsOrTime, time, timeOrAgo } from './times.js';

describe('a time', () => {
  it('is in the zone of this machine where it names none', () => {
    expect(time('2025-11-21T16:00')).toEqual(new Date(2025, 10, 21, 16));
    expect(time('2025-11-21')).toEqual(new Date(2025, 10, 21));
    expect(time('2025-11-21 16:00:00+02:00')).toEqual(new Date('2025-11-21T14:00:00Z'));
  });

  it('may be so long ago', () => {
    const agoMs = Date.now() - timeOrAgo('2h').getTime();
    expect(Math.round(agoMs / 1000)).toBe(7200);
    expect(timeOrAgo('2025-11-21T16:00Z')).toEqual(new Date('2025-11-21T16:00:00Z'));
  });

  it('may be in so many seconds', () => {
    expect(secondsOrTime('90')).toBe(90);
    expect(secondsOrTime('2025-11-21T16:00Z')).toEqual(new Date('2025-11-21T16:00:00Z'));
  });

  it.each([['tomorrow'], ['2025-13-01'], ['2025-11'], ['16:00'], ['5 m']])('is not %s', (text) => {
    for (const read of [time, timeOrAgo, secondsOrTime]) expect(() => read(text)).toThrow(/^Expected /);
  });
});
