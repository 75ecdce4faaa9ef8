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
    .meta({ description: 'One address, or a list of at most 50.', example: ['ann@example.com'] })
    .transform((to) => (typeof to === 'string' ? [to] : [...new Set(to)])),
  subject: optionalSubject.meta({ description: 'One line.', example: 'Spring menu' }),
  message: messageText.meta({ description: 'Plain text.', example: 'Dear Ann,\n\nhere it is.' }),
});

/** A mail that was asked for well. */
export type MailRequest = z.output<typeof mailRequest>;
