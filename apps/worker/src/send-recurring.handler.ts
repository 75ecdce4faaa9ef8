import { Injectable } from '@nestjs/common';
import { MailAcceptor, recurringKey, sendRecurring, type SendRecurring } from '@celeriac/mail';
import { TaskContext, TaskHandler } from '@celeriac/tasks';

/** What the task's row says of a mail that it made. */
interface MadeMail {
  mailId: string;
}

/** Runs {@link sendRecurring}. */
@Injectable()
export class SendRecurringHandler {
  constructor(private readonly acceptor: MailAcceptor) {}

  @TaskHandler(sendRecurring)
  async make({ recurringId, to, subject, message }: SendRecurring, { id }: TaskContext): Promise<MadeMail> {
    const form = { email: to, subject, msg: message };
    const mail = await this.acceptor.acceptOfTask(form, recurringKey(recurringId, id));
    return { mailId: mail.id };
  }
}
