import type { TaskContext } from '@celeriac/tasks';
import type { MailComposer } from '../compose/compose-mail.js';
import type { SendEmail } from '../contract/send-email.js';
import type { MailBook } from '../store/mail-book.js';
import { MailNotSentError } from '../transports/mail-not-sent.error.js';
import type { MailTransport } from '../transports/mail-transport.js';
import { judgeError, judgeReport, uncertain, type Judgement, type OnUncertain } from './judge.js';
import type { MailServerGate } from './mail-server-gate.js';
import { orPutOff } from './store-away.js';

const INTERRUPTED = 'The worker stopped while the mail was being handed over, before the mail server had answered.';

/** The run that a mail is sent in. */
export type SendingRun = Pick<TaskContext, 'attempt' | 'interruptedAfterPointOfNoReturn' | 'passPointOfNoReturn'>;

/** Sends a mail to those of its recipients that are still open, and judges what came of it. */
export class MailSender {
  constructor(
    private readonly book: Pick<MailBook, 'openRecipients'>,
    private readonly composer: MailComposer,
    private readonly transport: MailTransport,
    private readonly gate: Pick<MailServerGate, 'pass'>,
    private readonly onUncertain: OnUncertain,
  ) {}

  /**
   * @throws SnoozeTaskError when no mail can be sent now, through no fault of this one
   * @throws ClaimLostError when another worker may be sending the mail; no byte of its body has left then
   */
  async send(input: SendEmail, run: SendingRun): Promise<Judgement> {
    const to = await this.openRecipients(input, run);
    if (to.length === 0) return { answers: [], error: null };
    if (run.interruptedAfterPointOfNoReturn && this.onUncertain === 'hold') return uncertain(to, INTERRUPTED);
    const mail = this.composer.compose({ ...input, to, date: new Date(input.acceptedAt) });
    try {
      const report = await this.gate.pass((letIn) =>
        this.transport.send(mail, () => {
          letIn();
          return orPutOff(run.passPointOfNoReturn());
        }),
      );
      return judgeReport(report);
    } catch (error) {
      if (error instanceof MailNotSentError) return judgeError(error, to, this.onUncertain);
      throw error;
    }
  }

  /** The first run needs no look: nobody can have been decided on yet. A mail without rows came from elsewhere. */
  private async openRecipients({ mailId, to }: SendEmail, { attempt }: SendingRun): Promise<string[]> {
    if (attempt === 1) return to;
    return (await orPutOff(this.book.openRecipients(mailId))) ?? to;
  }
}
