import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpError } from './smtp-errors.js';

/** What nodemailer keeps of the mail in hand. */
interface OpenEnvelope {
  accepted: string[];
  rejectedErrors: SmtpError[];
}

type Sender = SMTPConnection & { _envelope?: OpenEnvelope };

type Send = (
  this: Sender,
  envelope: unknown,
  message: unknown,
  callback: (error: SmtpError | null, info: unknown) => void,
) => void;

/**
 * When a server refuses a mail after DATA, nodemailer forgets whom it had refused or put off before, at RCPT. They are
 * put beside those whom the refusal is about: it says nothing of who was only put off.
 */
export function keepAnswersToRecipients(): void {
  const prototype = SMTPConnection.prototype as unknown as { send: Send };
  const { send } = prototype;
  prototype.send = function sendKeepingAnswers(envelope, message, callback) {
    send.call(this, envelope, message, (error, info) => {
      const { accepted, rejectedErrors } = envelopeOf(this);
      if (error?.command === 'DATA' && error.responseCode !== undefined && rejectedErrors.length > 0) {
        const { message: words, responseCode, response } = error;
        const withTheMail = accepted.map((recipient) => ({ message: words, responseCode, response, recipient }));
        if (accepted.length > 0) error.rejectedErrors = [...rejectedErrors, ...withTheMail];
      }
      callback(error, info);
    });
  };
}

function envelopeOf({ _envelope: envelope }: Sender): OpenEnvelope {
  return envelope ?? { accepted: [], rejectedErrors: [] };
}
