/** What fits an option, and how to say so: "expected ...". */
export type Rule = readonly [fits: (value: unknown) => boolean, expected: string];

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const orNull = ([fits, expected]: Rule): Rule => [
  (value) => value === null || fits(value),
  `${expected}, or null`,
];

export const seconds: Rule = [(value) => isNumber(value) && value >= 0, 'seconds, 0 or more'];
export const secondsAboveZero: Rule = [(value) => isNumber(value) && value > 0, 'seconds above 0'];
export const flag: Rule = [(value) => typeof value === 'boolean', 'true or false'];
/** Names on the wire are AMQP short strings. */
export const shortText: Rule = [
  (value) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 255,
  'some text, of 255 bytes at most',
];
export const priority: Rule = [
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255,
  'a whole number from 0 to 255',
];
