import { randomUUID } from 'node:crypto';
import {
  Body,
  Controller,
  Get,
  Inject,
  NotFoundException,
  Param,
  Post,
  Res,
  Sse,
  type MessageEvent,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { DEFAULT_SUBJECT, DuplicateMailError, MailAcceptor, MailBook, mailForm } from '@celeriac/mail';
import { isStoreAway } from '@celeriac/tasks';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { RETRY_AFTER_SECONDS } from '../http/describe-error.js';
import { renderMailState } from '../http/views.js';
import { WEB_OPTIONS, type WebOptions } from '../web-options.js';
import { fieldErrors, formValues, type FormErrors, type FormValues } from './form-values.js';
import { LiveMails } from './live-mails.js';
import { MailIdPipe } from './mail-id.pipe.js';
import { agoText, mailView } from './mail-view.js';

const RELOAD_SECONDS = 3;

/** The pages of one mail: the form, and its state. */
@Controller()
export class MailsController {
  constructor(
    private readonly acceptor: MailAcceptor,
    private readonly book: MailBook,
    private readonly live: LiveMails,
    @Inject(WEB_OPTIONS) private readonly options: WebOptions,
  ) {}

  @Get('/')
  async showForm(@Res() reply: FastifyReply): Promise<void> {
    await this.renderForm(reply, 200, formValues({}), {});
  }

  @Post('/sendmail/')
  @RouteConfig({ rateLimit: {} })
  async send(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const given = formValues(body);
    const form = mailForm.safeParse(given);
    if (!form.success) return this.renderForm(reply, 422, given, fieldErrors(form.error));
    try {
      const { id } = await this.acceptor.acceptForm(form.data, given.idempotencyKey ?? randomUUID(), given.again);
      await reply.redirect(`/mails/${id}`, 303);
    } catch (error) {
      if (error instanceof DuplicateMailError) return this.renderForm(reply, 409, given, {}, error);
      if (!isStoreAway(error)) throw error;
      void reply.header('retry-after', RETRY_AFTER_SECONDS);
      const message = 'Your mail could not be stored just now. Your text is kept: try again in a few seconds.';
      await this.renderForm(reply, 503, given, { form: message });
    }
  }

  @Get('/mails/:id')
  async showMail(@Param('id', MailIdPipe) id: string, @Res() reply: FastifyReply): Promise<void> {
    const record = await this.book.find(id);
    if (record === null) throw new NotFoundException();
    const mail = mailView(record, this.options.from);
    await reply.header('cache-control', 'no-store').view('mails/show', {
      title: mail.state.label,
      active: 'mails',
      mail,
      refreshSeconds: mail.settled ? undefined : RELOAD_SECONDS,
    });
  }

  /** The state of a mail as it changes, for its open pages: the markup of the part that shows it. */
  @Sse('/mails/:id/events')
  async streamMail(@Param('id', MailIdPipe) id: string): Promise<Observable<MessageEvent>> {
    if ((await this.book.find(id)) === null) throw new NotFoundException();
    return this.live
      .watch(id)
      .pipe(map((record) => ({ type: 'mail', data: renderMailState(mailView(record, this.options.from)) })));
  }

  private async renderForm(
    reply: FastifyReply,
    statusCode: number,
    values: FormValues,
    errors: FormErrors,
    duplicate?: DuplicateMailError,
  ): Promise<void> {
    await reply
      .status(statusCode)
      .header('cache-control', 'no-store')
      .view('mails/new', {
        title: 'Send an email',
        active: 'write',
        values,
        errors,
        csrfToken: reply.generateCsrf(),
        idempotencyKey: values.idempotencyKey ?? randomUUID(),
        defaultSubject: DEFAULT_SUBJECT,
        duplicate: duplicate && { url: `/mails/${duplicate.mailId}`, agoText: agoText(duplicate.acceptedAt) },
      });
  }
}
