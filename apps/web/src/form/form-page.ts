import { randomUUID } from 'node:crypto';
import { DEFAULT_SUBJECT, type DuplicateMailError } from '@celeriac/mail';
import type { FastifyReply } from 'fastify';
import type { ErrorDescription } from '../http/describe-error.js';
import { ONCE, repeatFields, UNCHANGED } from './repeat-fields.js';
import { agoText } from '../mails/times.js';
import { formValues, type FormErrors, type FormValues } from './form-values.js';

/** A recurring mail that the form changes. */
export interface EditedMail {
  url: string;
  /** Of times that the form cannot express. */
  timesWords?: string | undefined;
}

/** What stands on the form besides what was typed. */
export interface FormNotes {
  errors?: FormErrors;
  /** The same was sent a moment ago: does the writer mean it? */
  duplicate?: DuplicateMailError;
  /** Nobody has chosen a time zone: the browser's will do better. */
  isNew?: boolean;
  /** @defaultValue the form is for a new mail */
  edited?: EditedMail;
}

/** Answers with the form. */
export async function sendFormPage(
  reply: FastifyReply,
  statusCode: number,
  values: FormValues,
  { errors = {}, duplicate, isNew = false, edited }: FormNotes = {},
): Promise<void> {
  await reply
    .status(statusCode)
    .header('cache-control', 'no-store')
    .view('mails/new', {
      title: edited === undefined ? 'Write a mail' : 'Change a recurring mail',
      active: edited === undefined ? 'write' : 'recurring',
      values,
      errors,
      fieldErrors: Object.entries(errors).flatMap(([field, text]) => (field === 'form' ? [] : [{ field, text }])),
      csrfToken: reply.generateCsrf(),
      idempotencyKey: values.idempotencyKey ?? randomUUID(),
      defaultSubject: DEFAULT_SUBJECT,
      duplicate: duplicate && { url: `/mails/${duplicate.mailId}`, agoText: agoText(duplicate.acceptedAt) },
      isNew,
      edited,
      ...repeatFields(values, firstChoice(values, edited)),
    });
}

/** Answers an error with the form as it was sent: a text that took an hour may not depend on the browser's Back. */
export async function sendFormAgain(reply: FastifyReply, error: ErrorDescription, edited?: EditedMail): Promise<void> {
  const { status, kind, detail } = error;
  const form =
    kind === 'out-of-date'
      ? 'Nothing was sent: the form was out of date. This is a new one with your text: send it again.'
      : `${detail} Your text is kept.`;
  const notes: FormNotes = { errors: { form }, ...(edited && { edited }) };
  await sendFormPage(reply, status, formValues(reply.request.body), notes);
}

function firstChoice({ repeat }: FormValues, edited: EditedMail | undefined): [value: string, label: string] | null {
  if (edited === undefined) return [ONCE, 'Once, now'];
  if (edited.timesWords === undefined && repeat !== UNCHANGED) return null;
  const words = edited.timesWords === undefined ? '' : `: ${edited.timesWords}`;
  return [UNCHANGED, `As it is${words}`];
}
