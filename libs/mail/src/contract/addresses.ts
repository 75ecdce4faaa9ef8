import { domainToASCII } from 'node:url';
import { z } from 'zod';

/** Most recipients of one mail. */
export const MAX_RECIPIENTS = 50;

/** Most octets before the @ (RFC 5321, 4.5.3.1.1). */
const MAX_LOCAL_PART = 64;

/** What has more characters is no address (64 before the @, 255 behind it), and no pattern is tried on it. */
const MAX_TYPED_LENGTH = 320;

/** A list of more parts has too many recipients, doubles or not, and none of them is looked at. */
const MAX_PARTS = 1000;

/** A dot-atom of RFC 5322, and a domain of at least two labels, in ASCII. */
const ADDRESS =
  /^(?=[^@]{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/i;

/** One address as it is sent (addr-spec of RFC 5321 without quoted local parts), at most 254 characters. */
export const address = z.email({ pattern: ADDRESS }).max(254);

/** One address as a user gives it. A domain with letters beyond a-z comes out in its ASCII form (punycode). */
export const typedAddress = z
  .string()
  .overwrite(asSent)
  .superRefine((given, context) => {
    const problem = problemOf(given);
    if (problem !== undefined) context.addIssue(problem.say(quoted(given), 1));
  });

/**
 * One or more addresses with commas (or semicolons, or line breaks) between them. Doubles are dropped; the domain is
 * compared without regard to case.
 */
export const addressList = z
  .string()
  .transform((text) =>
    text
      .split(/[,;\n]/)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .superRefine((parts, context) => {
    if (parts.length === 0) context.addIssue('Enter at least one email address.');
    if (parts.length > MAX_PARTS) context.addIssue(tooMany(parts.length));
  })
  .pipe(z.array(z.string()).transform((parts) => [...new Set(parts.map(asSent))]))
  .superRefine((parts, context) => {
    if (parts.length > MAX_RECIPIENTS) {
      context.addIssue(tooMany(parts.length));
      return;
    }
    const wrong = parts.map((part) => ({ part, problem: problemOf(part) }));
    const words = PROBLEMS.flatMap((problem) => {
      const having = wrong.filter((each) => each.problem === problem).map(({ part }) => part);
      return having.length === 0 ? [] : [problem.say(having.slice(0, 3).map(quoted).join(', '), having.length)];
    });
    if (words.length > 0) context.addIssue(words.join(' '));
  });

/** What to say of too many recipients. */
export function tooMany(count: number): string {
  return `At most ${MAX_RECIPIENTS} addresses at a time; these are ${count}.`;
}

/** Why something is no address that a mail can be sent to. */
interface AddressProblem {
  has(text: string): boolean;
  say(shown: string, count: number): string;
}

const NO_ADDRESS: AddressProblem = {
  has: (text) => !address.safeParse(text).success,
  say: (shown, count) => `${shown} ${count === 1 ? 'is not an email address' : 'are not email addresses'}.`,
};

/** The first that fits is said. */
const PROBLEMS: AddressProblem[] = [
  {
    has: (text) => /<[^<>]*>/.test(text),
    say: (shown) => `Give the address alone, without a name and without < >: ${shown}.`,
  },
  {
    has: (text) => localPartOf(text).includes('"'),
    say: (shown) => `An address with quotation marks before the @ cannot be used: ${shown}.`,
  },
  {
    // SMTPUTF8 would be needed, which few servers have, and a server that has not fails in the middle of the way.
    has: (text) => /[^\0-\x7f]/.test(localPartOf(text)) && text.isWellFormed(),
    say: (shown) => `Before the @ only letters from a to z, digits and simple signs can be used: ${shown}.`,
  },
  {
    has: (text) => localPartOf(text).length > MAX_LOCAL_PART,
    say: (shown) => `Before the @ there can be at most ${MAX_LOCAL_PART} characters: ${shown}.`,
  },
  NO_ADDRESS,
];

function problemOf(text: string): AddressProblem | undefined {
  if (text.length > MAX_TYPED_LENGTH) return NO_ADDRESS;
  return PROBLEMS.find((problem) => problem.has(text));
}

/** Of what has no @, or nothing in front of it, nothing. */
function localPartOf(text: string): string {
  return text.slice(0, Math.max(0, text.lastIndexOf('@')));
}

/** The domain in lower case and in ASCII, as nodemailer writes it too: its report is matched with what is stored. */
export function asSent(given: string): string {
  const text = given.trim();
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  if (at === -1 || text.length > MAX_TYPED_LENGTH) return text;
  // Only what looks like a domain: domainToASCII is URL parsing, which drops a path and decodes %61.
  const ascii = /^[\p{L}\p{M}\p{N}.。．｡-]+$/u.test(domain) && /[^\0-\x7f]/.test(domain) ? domainToASCII(domain) : '';
  return `${text.slice(0, at + 1)}${ascii === '' ? domain.toLowerCase() : ascii}`;
}

function quoted(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}
