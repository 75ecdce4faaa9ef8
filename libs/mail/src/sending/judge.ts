import { PermanentTaskError } from '@celeriac/tasks';
import type { RecipientVerdict } from '../store/verdict-writer.js';
import type { MailNotSentError } from '../transports/mail-not-sent.error.js';
import type { SendReport } from '../transports/mail-transport.js';

/** What to do with a mail of which nobody knows whether the server has it. */
export type OnUncertain = 'hold' | 'resend';

/** What a try to send came to. */
export interface Judgement {
  /** For good. Recipients that are not in it stay open. */
  verdicts: RecipientVerdict[];
  /** To be thrown, so that the task is tried again or fails; null when the mail is done with. */
  error: Error | null;
}

/** The server took the mail for some recipients at least; those it put off are to be tried again. */
export function judgeReport({ accepted, rejected, reply }: SendReport): Judgement {
  const refused = rejected.filter(({ permanent }) => permanent);
  const putOff = rejected.filter(({ permanent }) => !permanent);
  return {
    verdicts: [
      ...accepted.map((address) => ({ address, verdict: 'accepted' as const, reply })),
      ...refused.map((recipient) => ({ ...recipient, verdict: 'refused' as const })),
    ],
    error:
      putOff.length > 0
        ? new Error(putOff.map(({ address, reply: words }) => `${address}: ${words}`).join('; '))
        : null,
  };
}

/** The server took the mail for nobody, or was lost before it said so. */
export function judgeError(error: MailNotSentError, to: readonly string[], onUncertain: OnUncertain): Judgement {
  const reply = error.message;
  if (error.reason === 'uncertain') {
    if (onUncertain === 'resend') return { verdicts: [], error };
    return { verdicts: to.map((address) => ({ address, verdict: 'uncertain', reply })), error: null };
  }
  const answered =
    error.rejected.length > 0 ? error.rejected : to.map((address) => ({ address, reply, permanent: true }));
  const refused = error.reason === 'refused' ? answered : error.rejected.filter(({ permanent }) => permanent);
  return {
    verdicts: refused.map((recipient) => ({ address: recipient.address, verdict: 'refused', reply: recipient.reply })),
    error: error.reason === 'refused' ? new PermanentTaskError(reply, { cause: error }) : error,
  };
}
