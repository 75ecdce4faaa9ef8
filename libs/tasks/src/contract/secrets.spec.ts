import { describe, expect, it } from '@jest/globals';
import { hideSecrets, shownArguments, touchesSecret } from './secrets.js';

describe('hideSecrets', () => {
  it.each<[value: unknown, paths: string[], shown: unknown]>([
    [{ user: 'ann', password: 'x' }, ['password'], { user: 'ann', password: '***' }],
    [{ card: { number: '4711', owner: 'Ann' } }, ['card.number'], { card: { number: '***', owner: 'Ann' } }],
    [{ card: { number: '4711' } }, ['card'], { card: '***' }],
    [{ cards: [{ number: 1 }, { number: 2 }] }, ['cards.number'], { cards: [{ number: '***' }, { number: '***' }] }],
    [{ a: 1, b: null }, ['a', 'b'], { a: '***', b: '***' }],
    [{ user: 'ann' }, ['password', 'user.name', 'toString'], { user: 'ann' }],
    [{ cards: null }, ['cards.number'], { cards: null }],
  ])('shows %j with %j secret as %j', (value, paths, shown) => {
    const before = structuredClone(value);
    expect(hideSecrets(value, paths)).toEqual(shown);
    expect(value).toEqual(before);
  });
});

describe('touchesSecret', () => {
  it.each([
    ['password', true],
    ['card.number', true],
    ['card.number.first', true],
    ['cards.0.number', true],
    ['card', true],
    ['', true],
    ['card.owner', false],
    ['user', false],
  ])('says of "%s": %p', (field, touches) => {
    const names = field === '' ? [] : field.split('.');
    expect(touchesSecret(names, ['password', 'card.number', 'cards.number'])).toBe(touches);
  });
});

describe('shownArguments', () => {
  it('hides positional arguments by their names, and keyword arguments', () => {
    const contract = { args: ['user', 'password', 'card'], secret: ['password', 'card.number'] };
    const call = {
      args: ['ann', 'x', { number: 1, owner: 'Ann' }, 'one too many'],
      kwargs: { password: 'y', note: 'z' },
    };
    expect(shownArguments(contract, call)).toEqual({
      args: ['ann', '***', { number: '***', owner: 'Ann' }, 'one too many'],
      kwargs: { password: '***', note: 'z' },
    });
  });
});
