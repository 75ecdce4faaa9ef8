import { z } from 'zod';

/** Most recipients of one mail. */
export const MAX_RECIPIENTS = 50;

/** One address as RFC 5321 has it (addr-spec without display name), at most 254 characters. */
export const address = z.email().max(254);

/**
 * One or more addresses with commas (or semicolons, or line breaks) between them. Doubles are dropped; the domain is
 * compared without regard to case.
 */
export const addressList = z
  .string()
  .transform((text) =>
    text
      .split(/[,;\n]/)
      .map((part) => withLowerCaseDomain(part.trim()))
      .filter((part) => part !== ''),
  )
  .transform((parts) => [...new Set(parts)])
  .superRefine((parts, context) => {
    if (parts.length === 0) context.addIssue('Enter at least one email address.');
    if (parts.length > MAX_RECIPIENTS) {
      context.addIssue(`At most ${MAX_RECIPIENTS} addresses at a time; these are ${parts.length}.`);
      return;
    }
    const wrong = parts.filter((part) => !address.safeParse(part).success);
    if (wrong.length > 0) {
      const shown = wrong.slice(0, 3).map((part) => `“${shortened(part)}”`);
      context.addIssue(
        `${shown.join(', ')} ${wrong.length === 1 ? 'is not an email address' : 'are not email addresses'}.`,
      );
    }
  });

/** As nodemailer writes it too: its report is matched with what is stored. */
function withLowerCaseDomain(text: string): string {
  const at = text.lastIndexOf('@');
  return text.slice(0, at) + text.slice(at).toLowerCase();
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
