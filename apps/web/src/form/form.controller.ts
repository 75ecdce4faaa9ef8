import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { DuplicateMailError, MailAcceptor, RecurringMails, type MailForm, type Recurrence } from '@celeriac/mail';
import { isStoreAway } from '@celeriac/tasks';
import type { FastifyReply } from 'fastify';
import { RETRY_AFTER_SECONDS } from '../http/describe-error.js';
import { WEB_OPTIONS, type WebOptions } from '../web-options.js';
import { sendFormAgain, sendFormPage } from './form-page.js';
import { checkForm, formValues, type FormValues } from './form-values.js';
import { ONCE, usualTimes } from './repeat-fields.js';

/** The form that mails are written in. */
@Controller()
export class FormController {
  constructor(
    private readonly acceptor: MailAcceptor,
    private readonly recurring: RecurringMails,
    @Inject(WEB_OPTIONS) private readonly options: WebOptions,
  ) {}

  @Get('/')
  async show(@Res() reply: FastifyReply): Promise<void> {
    const values = { ...formValues({}), ...usualTimes(this.options.timeZone) };
    await sendFormPage(reply, 200, values, { isNew: true });
  }

  @Post('/sendmail/')
  // The limit is looked at when the form has been read, so that it can be answered with.
  @RouteConfig({ rateLimit: { hook: 'preHandler' }, errorPage: sendFormAgain })
  async send(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const given = formValues(body);
    // The tutorial's form says nothing of repeating.
    const checked = checkForm(given, [ONCE, '']);
    if (checked.errors !== null) return sendFormPage(reply, 422, given, { errors: checked.errors });
    try {
      await reply.redirect(await this.accept(checked.form, checked.recurrence, given), 303);
    } catch (error) {
      if (error instanceof DuplicateMailError) return sendFormPage(reply, 409, given, { duplicate: error });
      if (!isStoreAway(error)) throw error;
      void reply.header('retry-after', RETRY_AFTER_SECONDS);
      const message = 'Your mail could not be stored just now. Your text is kept: try again in a few seconds.';
      await sendFormPage(reply, 503, given, { errors: { form: message } });
    }
  }

  /** @returns the address of its page */
  private async accept(form: MailForm, recurrence: Recurrence | null, given: FormValues): Promise<string> {
    const key = given.idempotencyKey ?? randomUUID();
    if (recurrence !== null) return `/mails/recurring/${await this.recurring.add(form, recurrence, key)}`;
    return `/mails/${(await this.acceptor.acceptForm(form, key, given.again)).id}`;
  }
}
