import { randomUUID } from 'node:crypto';
import { DEFAULT_SUBJECT, type DuplicateMailError } from '@celeriac/mail';
import type { FastifyReply } from 'fastify';
import type { ErrorDescription } from '../http/describe-error.js';
import { formValues, type FormErrors, type FormValues } from './form-values.js';
import { agoText } from './times.js';

/** What stands on the form besides what was typed. */
export interface FormNotes {
  errors?: FormErrors;
  /** The same was sent a moment ago: does the writer mean it? */
  duplicate?: DuplicateMailError;
}

/** Answers with the form. */
export async function sendFormPage(
  reply: FastifyReply,
  statusCode: number,
  values: FormValues,
  { errors = {}, duplicate }: FormNotes = {},
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

/** Answers an error with the form as it was sent: a text that took an hour may not depend on the browser's Back. */
export async function sendFormAgain(reply: FastifyReply, { status, kind, detail }: ErrorDescription): Promise<void> {
  const form =
    kind === 'out-of-date'
      ? 'Nothing was sent: the form was out of date. This is a new one with your text: send it again.'
      : `${detail} Your text is kept.`;
  await sendFormPage(reply, status, formValues(reply.request.body), { errors: { form } });
}
