import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { DuplicateMailError, MailAcceptor, mailForm } from '@celeriac/mail';
import { isStoreAway } from '@celeriac/tasks';
import type { FastifyReply } from 'fastify';
import { RETRY_AFTER_SECONDS } from '../http/describe-error.js';
import { sendFormAgain, sendFormPage } from './form-page.js';
import { fieldErrors, formValues } from './form-values.js';

/** The form that mails are written in. */
@Controller()
export class FormController {
  constructor(private readonly acceptor: MailAcceptor) {}

  @Get('/')
  async show(@Res() reply: FastifyReply): Promise<void> {
    await sendFormPage(reply, 200, formValues({}));
  }

  @Post('/sendmail/')
  // The limit is looked at when the form has been read, so that it can be answered with.
  @RouteConfig({ rateLimit: { hook: 'preHandler' }, errorPage: sendFormAgain })
  async send(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const given = formValues(body);
    const form = mailForm.safeParse(given);
    if (!form.success) return sendFormPage(reply, 422, given, { errors: fieldErrors(form.error) });
    try {
      const { id } = await this.acceptor.acceptForm(form.data, given.idempotencyKey ?? randomUUID(), given.again);
      await reply.redirect(`/mails/${id}`, 303);
    } catch (error) {
      if (error instanceof DuplicateMailError) return sendFormPage(reply, 409, given, { duplicate: error });
      if (!isStoreAway(error)) throw error;
      void reply.header('retry-after', RETRY_AFTER_SECONDS);
      const message = 'Your mail could not be stored just now. Your text is kept: try again in a few seconds.';
      await sendFormPage(reply, 503, given, { errors: { form: message } });
    }
  }
}
