import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { MailBook, mailStatus, type MailRecord } from '@celeriac/mail';
import { MailIdPipe } from './mail-id.pipe.js';

/** Mails as JSON. */
@Controller('/api/mails')
export class MailsApiController {
  constructor(private readonly book: MailBook) {}

  @Get(':id')
  async find(@Param('id', MailIdPipe) id: string): Promise<object> {
    const record = await this.book.find(id);
    if (record === null) throw new NotFoundException();
    return mailJson(record);
  }
}

function mailJson(record: MailRecord): object {
  const { mail, task, attempts } = record;
  return {
    id: mail.id,
    subject: mail.subject,
    message: mail.message,
    createdAt: mail.createdAt,
    ...mailStatus(record),
    task: task && { id: task.id, state: task.state, waitReason: task.waitReason, retries: task.retries },
    attempts: attempts.map(({ number, workerName, startedAt, finishedAt, outcome, error }) => ({
      number,
      worker: workerName,
      startedAt,
      finishedAt,
      outcome,
      error: error?.message ?? null,
    })),
  };
}
