import type { ZodError } from 'zod';

/** What was typed into the form, as it was typed. */
export interface FormValues {
  email?: string;
  subject?: string;
  msg?: string;
  idempotencyKey?: string;
  /** The writer knows that he has sent the same a moment ago. */
  again: boolean;
}

/** A message at each field that needs one; `form` is about the whole. */
export interface FormErrors {
  email?: string;
  subject?: string;
  msg?: string;
  form?: string;
}

const FIELDS = ['email', 'subject', 'msg'] as const;
const LONGEST_KEY = 100;

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

/** The first problem of each field. */
export function fieldErrors(error: ZodError): FormErrors {
  const errors: FormErrors = {};
  for (const { path, message } of error.issues) {
    const field = FIELDS.find((name) => name === path[0]) ?? 'form';
    errors[field] ??= message;
  }
  return errors;
}
