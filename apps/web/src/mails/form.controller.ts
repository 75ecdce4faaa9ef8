import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { DEFAULT_SUBJECT, DuplicateMailError, MailAcceptor, mailForm } from '@celeriac/mail';
import { isStoreAway } from '@celeriac/tasks';
import type { FastifyReply } from 'fastify';
import { RETRY_AFTER_SECONDS } from '../http/describe-error.js';
import { fieldErrors, formValues, type FormErrors, type FormValues } from './form-values.js';
import { agoText } from './times.js';

/** The form that mails are written in. */
@Controller()
export class FormController {
  constructor(private readonly acceptor: MailAcceptor) {}

  @Get('/')
  async show(@Res() reply: FastifyReply): Promise<void> {
    await this.render(reply, 200, formValues({}), {});
  }

  @Post('/sendmail/')
  @RouteConfig({ rateLimit: {} })
  async send(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const given = formValues(body);
    const form = mailForm.safeParse(given);
    if (!form.success) return this.render(reply, 422, given, fieldErrors(form.error));
    try {
      const { id } = await this.acceptor.acceptForm(form.data, given.idempotencyKey ?? randomUUID(), given.again);
      await reply.redirect(`/mails/${id}`, 303);
    } catch (error) {
      if (error instanceof DuplicateMailError) return this.render(reply, 409, given, {}, error);
      if (!isStoreAway(error)) throw error;
      void reply.header('retry-after', RETRY_AFTER_SECONDS);
      const message = 'Your mail could not be stored just now. Your text is kept: try again in a few seconds.';
      await this.render(reply, 503, given, { form: message });
    }
  }

  private async render(
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
        title: 'Write a mail',
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
