import { Injectable } from '@nestjs/common';
import { MailSender, sendEmail, VerdictWriter, type SendEmail } from '@celeriac/mail';
import { TaskContext, TaskHandler } from '@celeriac/tasks';

/** What the task's row says of a mail that was sent. */
interface SendResult {
  accepted: string[];
}

@Injectable()
export class SendEmailHandler {
  constructor(
    private readonly sender: MailSender,
    private readonly verdicts: VerdictWriter,
  ) {}

  @TaskHandler(sendEmail)
  async send(input: SendEmail, task: TaskContext): Promise<SendResult> {
    const { answers, error } = await this.sender.send(input, task);
    // With the outcome, whatever that is: a verdict that a server has given holds, also if others are tried again.
    if (answers.length > 0) task.settleWith(this.verdicts, { mailId: input.mailId, recipients: answers });
    if (error !== null) throw error;
    return { accepted: answers.map(({ address }) => address) };
  }
}
