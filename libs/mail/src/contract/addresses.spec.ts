import { describe, expect, it } from '@jest/globals';
import { address, addressList, MAX_RECIPIENTS, typedAddress } from './addresses.js';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `user${index}@example.com`);

function problemsOf(text: string): string[] {
  const parsed = addressList.safeParse(text);
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
}

describe('addressList', () => {
  it.each<[text: string, addresses: string[]]>([
    ['a@example.com', ['a@example.com']],
    ['  a@example.com \r\n', ['a@example.com']],
    ['a@example.com,b@example.com', ['a@example.com', 'b@example.com']],
    ['b@example.com; a@example.com ;', ['b@example.com', 'a@example.com']],
    ['a@example.com\nb@example.com\r\nc@example.com', ['a@example.com', 'b@example.com', 'c@example.com']],
    [',,a@example.com,;\n,', ['a@example.com']],
    ["o'brien+news@sub.example.co.uk", ["o'brien+news@sub.example.co.uk"]],
  ])('reads %j', (text, addresses) => {
    expect(addressList.parse(text)).toEqual(addresses);
  });

  it.each<[text: string, addresses: string[]]>([
    ['a@example.com, a@example.com', ['a@example.com']],
    ['b@example.com, a@example.com, b@example.com', ['b@example.com', 'a@example.com']],
    // RFC 5321, 2.4: the local part is the receiving host's, and may tell cases apart.
    ['Ada@example.com, ada@example.com', ['Ada@example.com', 'ada@example.com']],
  ])('drops doubles in %j', (text, addresses) => {
    expect(addressList.parse(text)).toEqual(addresses);
  });

  it('drops doubles that differ in the case of the domain alone', () => {
    const [only, ...others] = addressList.parse('Ada@Example.com, Ada@EXAMPLE.COM, Ada@example.com');
    expect(only?.toLowerCase()).toBe('ada@example.com');
    expect(only?.startsWith('Ada@')).toBe(true);
    expect(others).toEqual([]);
  });

  it.each(['', '   ', ',;\n', '\r\n'])('asks for an address when there is none: %j', (text) => {
    expect(problemsOf(text)).toEqual(['Enter at least one email address.']);
  });

  it.each([
    'nobody',
    'a@example.com\rBcc: b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com\0',
    'a\0@example.com',
    'a\ud800@example.com',
    'a@b@example.com',
    'a@example.com b@example.com',
    'a@localhost',
    'a@127.0.0.1',
    'a@[127.0.0.1]',
    'a@exä mple.com',
    'a@exämple.com/path',
    'a@ex%61mple',
    'a..b@example.com',
    '-oQ/tmp@',
    `a@${'x'.repeat(250)}.com`,
  ])('refuses %j, of which a part is no address', (text) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(/is not an email address\.$/)]);
  });

  it.each<[text: string, problem: string]>([
    ['Ada <ada@example.com>', 'Give the address alone, without a name and without < >: “Ada <ada@example.com>”.'],
    ['"a b"@example.com', 'An address with quotation marks before the @ cannot be used: “"a b"@example.com”.'],
    ['ä@example.com', 'Before the @ only letters from a to z, digits and simple signs can be used: “ä@example.com”.'],
    [`${'a'.repeat(65)}@example.com`, `Before the @ there can be at most 64 characters: “${'a'.repeat(40)}…”.`],
    [
      'ä@example.com, x, 用户@例子.广告',
      'Before the @ only letters from a to z, digits and simple signs can be used: “ä@example.com”, ' +
        '“用户@xn--fsqu00a.xn--4rr70v”. “x” is not an email address.',
    ],
  ])('says of %j why it cannot be used', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it.each<[text: string, sent: string]>([
    ['a@exämple.com', 'a@xn--exmple-cua.com'],
    ['A@EXÄMPLE.com', 'A@xn--exmple-cua.com'],
    ['a@пример.рф', 'a@xn--e1afmkfd.xn--p1ai'],
    ['a@例子。广告', 'a@xn--fsqu00a.xn--4rr70v'],
    ['a@xn--exmple-cua.com, a@exämple.com', 'a@xn--exmple-cua.com'],
  ])('sends to the ASCII form of the domain in %j', (text, sent) => {
    expect(addressList.parse(text)).toEqual([sent]);
  });

  it('shows the first three wrong ones, shortened', () => {
    expect(problemsOf(`a@example.com, x, ${'y'.repeat(50)}, z, w`)).toEqual([
      `“x”, “${'y'.repeat(40)}…”, “z” are not email addresses.`,
    ]);
  });

  it(`takes ${MAX_RECIPIENTS} and refuses one more`, () => {
    expect(addressList.parse(numbered(50).join(','))).toEqual(numbered(50));
    expect(problemsOf(numbered(51).join(','))).toEqual(['At most 50 addresses at a time; these are 51.']);
  });
});

describe('a megabyte of nonsense', () => {
  const MEGABYTE = 1024 * 1024;

  // A pattern that goes back and forth would need many minutes for it.
  it.each(['<', '@', '"', ' ', 'a', '.', 'ä', 'a@ä', '<a', 'a.', '@a-', '"@', ' <@'])(
    'of %j is no address',
    (piece) => {
      const text = piece.repeat(MEGABYTE / piece.length);
      for (const given of [text, `a@${text}`, `${text}>`]) {
        expect(typedAddress.safeParse(given).success).toBe(false);
        expect(addressList.safeParse(given).success).toBe(false);
      }
    },
  );

  it('of separate addresses is too many', () => {
    const count = MEGABYTE / 2;
    expect(problemsOf('a,'.repeat(count))).toEqual([`At most 50 addresses at a time; these are ${count}.`]);
  });
});

describe('address', () => {
  it('has at most 254 characters', () => {
    const domain = `${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(63)}.com`;
    const fitting = `${'a'.repeat(254 - domain.length - 1)}@${domain}`;
    expect(fitting).toHaveLength(254);
    expect(address.safeParse(fitting).success).toBe(true);
    expect(address.safeParse(`a${fitting}`).success).toBe(false);
  });

  it('has at most 64 octets before the @', () => {
    expect(address.safeParse(`${'a'.repeat(64)}@example.com`).success).toBe(true);
    expect(address.safeParse(`${'a'.repeat(65)}@example.com`).success).toBe(false);
    expect(address.safeParse(`${'a'.repeat(32)}.${'b'.repeat(32)}@example.com`).success).toBe(false);
  });
});
