import { mailForm, recurrenceForm, type MailForm, type Recurrence } from '@celeriac/mail';
import type { ZodError } from 'zod';

const MAIL_FIELDS = ['email', 'subject', 'msg'] as const;
const REPEAT_FIELDS = ['repeat', 'weekday', 'day', 'time', 'zone'] as const;
const FIELDS = [...MAIL_FIELDS, ...REPEAT_FIELDS];
const LONGEST_KEY = 100;
/** What was not given is said to be missing in the words for what is empty. */
const EMPTY_TIMES = { time: '', zone: '' };

/** The name of a field that is typed into, or chosen from. */
type Field = (typeof FIELDS)[number];

/** What was typed into the form, as it was typed. */
export interface FormValues extends Partial<Record<Field, string>> {
  idempotencyKey?: string;
  /** The writer knows that he has sent the same a moment ago. */
  again: boolean;
}

/** A message at each field that needs one; `form` is about the whole. */
export type FormErrors = Partial<Record<Field | 'form', string>>;

/** What a form asks for, or what is wrong with it. */
export type CheckedForm = { errors: FormErrors } | { errors: null; form: MailForm; recurrence: Recurrence | null };

/** The form's fields out of whatever was posted; a field that is missing or given twice counts as empty. */
export function formValues(body: unknown): FormValues {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const values: FormValues = { email: '', subject: '', msg: '', again: given['again'] === '1' };
  for (const field of FIELDS) {
    const value = given[field];
    // Browsers send line ends as CRLF; a mail's text has plain ones.
    if (typeof value === 'string') values[field] = field === 'msg' ? value.replace(/\r\n/g, '\n') : value;
  }
  const key = given['idempotencyKey'];
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) values.idempotencyKey = key;
  return values;
}

/**
 * Checks what was typed, all of it at once.
 *
 * @param unrepeated - the choices of `repeat` that ask for no times
 */
export function checkForm(values: FormValues, unrepeated: readonly string[]): CheckedForm {
  const { repeat = '' } = values;
  const form = mailForm.safeParse(values);
  const recurrence = unrepeated.includes(repeat) ? null : recurrenceForm.safeParse({ ...EMPTY_TIMES, ...values });
  if (form.success && (recurrence === null || recurrence.success)) {
    return { errors: null, form: form.data, recurrence: recurrence?.data ?? null };
  }
  return { errors: { ...errorsOf(form.error), ...errorsOf(recurrence?.error) } };
}

function errorsOf(error: ZodError | undefined): FormErrors {
  return error === undefined ? {} : fieldErrors(error);
}

/** The first problem of each field. */
export function fieldErrors(error: ZodError): FormErrors {
  const errors: FormErrors = {};
  for (const { path, message } of error.issues) {
    const field = FIELDS.find((name) => name === path[0]) ?? 'form';
    errors[field] ??= message;
  }
  return errors;
}
