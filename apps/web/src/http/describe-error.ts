import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import {
  IdempotencyKeyReusedError,
  MailActionRefusedError,
  MailNotFoundError,
  MailSentAgainError,
  MAX_MESSAGE_LENGTH,
} from '@celeriac/mail';
import { UnknownEntryError } from '@celeriac/schedule';
import { isStoreAway } from '@celeriac/tasks';
import { BadInputError, type InputProblem } from './bad-input.error.js';

/** In how many seconds a client may try again when the database is away. */
export const RETRY_AFTER_SECONDS = 5;

/** What can be said of an error to who caused it. */
export interface ErrorDescription {
  status: number;
  /** Says what kind of problem it is, where the status does not. */
  kind?: string;
  /** A few words, the same for each error of the kind. */
  title: string;
  /** What happened this time, and what to do. */
  detail: string;
  problems?: InputProblem[];
  retryAfterSeconds?: number;
}

const DETAILS: Record<number, string> = {
  404: 'There is nothing here.',
  413:
    'What you sent is larger than 1 MB, so nothing of it was taken. ' +
    `A message can have at most ${MAX_MESSAGE_LENGTH.toLocaleString('en')} characters.`,
};

const OUT_OF_DATE = 'Nothing was sent or changed: this page is out of date. Go back, reload it and try again.';
const NO_RECURRING_MAIL = 'There is no such recurring mail. It may have been deleted, here or on another page.';
const OUR_FAULT = 'This is our fault, and it has been noted. Please try again in a while.';

/** @returns what to answer; what went wrong inside (500) is not in it */
export function describeError(error: unknown): ErrorDescription {
  if (isStoreAway(error)) {
    const detail = 'The database cannot be reached. Please try again in a few seconds.';
    return { ...plain(503, detail), kind: 'database-away', retryAfterSeconds: RETRY_AFTER_SECONDS };
  }
  if (isCsrfError(error)) return { ...plain(403, OUT_OF_DATE), kind: 'out-of-date' };
  if (error instanceof IdempotencyKeyReusedError) {
    return { ...plain(409, error.message), kind: 'idempotency-key-reused', title: 'Idempotency-Key used before' };
  }
  if (error instanceof MailActionRefusedError) {
    return { ...plain(409, error.message), kind: 'action-refused', title: 'Not possible in this state' };
  }
  if (error instanceof MailSentAgainError) {
    const detail = `${error.message} With "resends": ${error.resends}, it is decided on as it is now.`;
    return { ...plain(409, detail), kind: 'sent-again-meanwhile', title: 'Sent again meanwhile' };
  }
  if (error instanceof MailNotFoundError) return plain(404, DETAILS[404] ?? error.message);
  if (error instanceof UnknownEntryError) return plain(404, NO_RECURRING_MAIL);
  if (error instanceof BadInputError) {
    const detail = error.problems.map((problem) => problem.detail).join(' ');
    return {
      ...plain(error.getStatus(), detail),
      kind: 'invalid-input',
      title: 'Invalid input',
      problems: error.problems,
    };
  }
  const status = statusOf(error);
  const words = error instanceof Error && status !== 500 ? error.message : OUR_FAULT;
  const answer = plain(status, DETAILS[status] ?? words);
  return status === 503 ? { ...answer, retryAfterSeconds: RETRY_AFTER_SECONDS } : answer;
}

function plain(status: number, detail: string): ErrorDescription {
  return { status, title: STATUS_CODES[status] ?? 'Error', detail };
}

/** By its words: Nest keeps the status and the message of Fastify's errors, and drops their code. */
function isCsrfError(error: unknown): boolean {
  return error instanceof Error && /csrf (secret|token)/i.test(error.message);
}

/** Nest's exceptions know their status; so do Fastify's errors (too large, too many). */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const given = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof given === 'number' && given >= 400 && given < 600 ? given : 500;
}
