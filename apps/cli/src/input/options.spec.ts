import { describe, expect, it } from '@jest/globals';
import { list, oneOf } from './lists.js';
import { seconds, wholeNumber } from './numbers.js';
import { closest } from './closest.js';
import { secondsOrTime, time, timeOrAgo } from './times.js';

describe('a whole number', () => {
  it.each([['0'], ['abc'], ['1.5'], ['-1'], ['1e3'], [''], ['0x10']])('is not %s', (text) => {
    expect(() => wholeNumber(1)(text)).toThrow('Expected a whole number of 1 or more.');
  });

  it('has bounds', () => {
    expect(wholeNumber(0, 255)('255')).toBe(255);
    expect(() => wholeNumber(0, 255)('256')).toThrow('from 0 to 255');
  });
});

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
    expect(seconds('0.5')).toBe(0.5);
  });

  it.each([['tomorrow'], ['2025-13-01'], ['2025-11'], ['16:00'], ['5 m']])('is not %s', (text) => {
    for (const read of [time, timeOrAgo, secondsOrTime]) expect(() => read(text)).toThrow(/^Expected /);
  });
});

describe('a list', () => {
  it('has commas between, and may be given in several parts', () => {
    expect(list('b, c', list('a'))).toEqual(['a', 'b', 'c']);
    expect(() => list('a,,b')).toThrow('Expected names with commas between.');
  });
});

describe('one of several', () => {
  const states = oneOf(['PENDING', 'STARTED', 'SUCCESS']);

  it('is taken in any case of letters, several with commas between', () => {
    expect(states('success,Started')).toEqual(['SUCCESS', 'STARTED']);
    expect(states('PENDING', ['STARTED'])).toEqual(['STARTED', 'PENDING']);
  });

  it('says which was meant, and which there are', () => {
    expect(() => states('STARTD')).toThrow(
      'There is no STARTD. Did you mean STARTED? There are PENDING, STARTED, SUCCESS.',
    );
    expect(() => states('xyz')).toThrow('There is no XYZ. There are PENDING, STARTED, SUCCESS.');
  });
});

describe('closest', () => {
  it.each([
    ['mail.send_emial', 'mail.send_email'],
    ['mail.sendemail', 'mail.send_email'],
    ['send_email', 'mail.send_email'],
    ['Mail.Send_Email', 'mail.send_email'],
    ['wrok', 'work'],
    ['something.else', undefined],
    ['', undefined],
  ])('%s is meant to be %s', (given, meant) => {
    expect(closest(given, ['mail.send_email', 'work', 'posters.draw'])).toBe(meant);
  });
});
