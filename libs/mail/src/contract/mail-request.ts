import { z } from 'zod';
import { MAX_RECIPIENTS, tooMany, typedAddress } from './addresses.js';
import { messageText, optionalSubject } from './mail-form.js';

/** A mail as the API takes it. What is not known is refused: a `cc` that is silently dropped would be a lie. */
export const mailRequest = z.strictObject({
  to: z
    .union(
      [
        typedAddress,
        z
          .array(typedAddress)
          .min(1, 'Give at least one email address.')
          .max(MAX_RECIPIENTS, { error: ({ input }) => tooMany((input as unknown[]).length) }),
      ],
      'Give one email address, or a list of them.',
    )
    .transform((to) => (typeof to === 'string' ? [to] : [...new Set(to)])),
  subject: optionalSubject,
  message: messageText,
});

/** A mail that was asked for well. */
export type MailRequest = z.output<typeof mailRequest>;
