import { Body, Controller, Get, Inject, Param, Post, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { RecurringMails, type RecurringMail } from '@celeriac/mail';
import type { FastifyReply } from 'fastify';
import { sendFormAgain, sendFormPage, type EditedMail } from '../form/form-page.js';
import { checkForm, formValues, type FormValues } from '../form/form-values.js';
import { UNCHANGED, usualTimes } from '../form/repeat-fields.js';
import type { ErrorDescription } from '../http/describe-error.js';
import { MailIdPipe } from '../mails/mail-id.pipe.js';
import { shownAddress } from '../mails/shown-address.js';
import { WEB_OPTIONS, type WebOptions } from '../web-options.js';
import { timesWords } from './recurrence-words.js';

/** The form that recurring mails are changed in. */
@Controller('/mails/recurring/:id/edit')
export class RecurringFormController {
  constructor(
    private readonly mails: RecurringMails,
    @Inject(WEB_OPTIONS) private readonly options: WebOptions,
  ) {}

  @Get()
  async show(@Param('id', MailIdPipe) id: string, @Res() reply: FastifyReply): Promise<void> {
    const mail = await this.mails.get(id);
    await sendFormPage(reply, 200, valuesOf(mail, this.options.timeZone), { edited: editedMail(mail) });
  }

  @Post()
  @RouteConfig({ rateLimit: { hook: 'preHandler' }, errorPage: sendEditAgain })
  async change(@Param('id', MailIdPipe) id: string, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const given = formValues(body);
    const checked = checkForm(given, [UNCHANGED]);
    if (checked.errors !== null) {
      const edited = editedMail(await this.mails.get(id));
      return sendFormPage(reply, 422, given, { errors: checked.errors, edited });
    }
    await this.mails.change(id, checked.form, checked.recurrence);
    await reply.redirect(`/mails/recurring/${id}`, 303);
  }
}

async function sendEditAgain(reply: FastifyReply, error: ErrorDescription): Promise<void> {
  const { id } = reply.request.params as { id: string };
  await sendFormAgain(reply, error, { url: `/mails/recurring/${id}` });
}

function editedMail({ id, recurrence, schedule }: RecurringMail): EditedMail {
  const isForeign = recurrence === null && schedule !== null;
  return {
    url: `/mails/recurring/${id}`,
    timesWords: isForeign ? timesWords({ recurrence, schedule }) : undefined,
  };
}

function valuesOf({ form, recurrence }: RecurringMail, timeZone: string): FormValues {
  return {
    email: (form?.email ?? []).map(shownAddress).join(', '),
    subject: form?.subject ?? '',
    msg: form?.msg ?? '',
    ...usualTimes(timeZone),
    ...(recurrence ?? { repeat: UNCHANGED }),
    again: false,
  };
}
