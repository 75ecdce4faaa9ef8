import { expect, it } from '@jest/globals';
import { shownAddress } from './shown-address.js';

it.each([
  ['a@xn--bcher-kva.de', 'a@bücher.de'],
  ['Ann@sub.xn--e1afmkfd.xn--p1ai', 'Ann@sub.пример.рф'],
  ['xn--a@example.com', 'xn--a@example.com'],
  ['a@xn--\u0000', 'a@xn--\u0000'],
  ['nobody', 'nobody'],
])('%j is shown as %j', (address, shown) => {
  expect(shownAddress(address)).toBe(shown);
});
