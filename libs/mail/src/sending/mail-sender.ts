import type { TaskContext } from '@celeriac/tasks';
import type { MailComposer } from '../compose/compose-mail.js';
import type { SendEmail } from '../contract/send-email.js';
import type { MailBook } from '../store/mail-book.js';
import { MailNotSentError } from '../transports/mail-not-sent.error.js';
import type { MailTransport } from '../transports/mail-transport.js';
import { judgeError, judgeReport, type Judgement, type OnUncertain } from './judge.js';

const INTERRUPTED = 'The worker stopped while the mail was being handed over, before the mail server had answered.';

/** The run that a mail is sent in. */
export type SendingRun = Pick<TaskContext, 'attempt' | 'interruptedAfterPointOfNoReturn' | 'passPointOfNoReturn'>;

/** Sends a mail to those of its recipients that are still open, and judges what came of it. */
export class MailSender {
  constructor(
    private readonly book: MailBook,
    private readonly composer: MailComposer,
    private readonly transport: MailTransport,
    private readonly onUncertain: OnUncertain,
  ) {}

  /** @throws ClaimLostError when another worker may be sending the mail; no byte of its body has left then */
  async send(input: SendEmail, run: SendingRun): Promise<Judgement> {
    // The first run needs no look: nobody can have been decided on yet. A mail without rows came from elsewhere.
    const open = run.attempt === 1 ? null : await this.book.openRecipients(input.mailId);
    const to = open ?? input.to;
    if (to.length === 0) return { verdicts: [], error: null };
    if (run.interruptedAfterPointOfNoReturn && this.onUncertain === 'hold') {
      return { verdicts: to.map((address) => ({ address, verdict: 'uncertain', reply: INTERRUPTED })), error: null };
    }
    const mail = this.composer.compose({ ...input, to, date: new Date(input.acceptedAt) });
    try {
      return judgeReport(await this.transport.send(mail, () => run.passPointOfNoReturn()));
    } catch (error) {
      if (error instanceof MailNotSentError) return judgeError(error, to, this.onUncertain);
      throw error;
    }
  }
}
