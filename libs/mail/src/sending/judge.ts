import { RetryTaskError } from '@celeriac/tasks';
import type { RecipientAnswer } from '../store/verdict-writer.js';
import type { MailNotSentError } from '../transports/mail-not-sent.error.js';
import type { RejectedRecipient, SendReport } from '../transports/mail-transport.js';
import { MailMaybeSentError, MailRefusedError, MailUncertainError } from './mail-errors.js';

/** A greylisting server takes a sender's second try after some minutes; an earlier one starts the wait anew. */
const GREYLISTING_SECONDS = 300;

/** So many recipients are named in an error; the words to each stand with the recipient. */
const MOST_SHOWN = 5;

/** What to do with a mail of which nobody knows whether the server has it. */
export type OnUncertain = 'hold' | 'resend';

/** What a try to send came to. */
export interface Judgement {
  /** What was heard of each recipient. Those that are not in it stay open, and nothing is known of them. */
  answers: RecipientAnswer[];
  /** To be thrown, so that the task is tried again or fails; null when the server has accepted the mail for all. */
  error: Error | null;
}

/** The server took the mail for some recipients at least; those it put off are to be tried again. */
export function judgeReport({ accepted, rejected, reply }: SendReport): Judgement {
  return {
    answers: [
      ...accepted.map((address) => ({ address, verdict: 'accepted' as const, reply })),
      ...rejected.map(answerOf),
    ],
    error: rejected.length === 0 ? null : errorOf(rejected, accepted.length + rejected.length),
  };
}

/**
 * The server took the mail for nobody, or was lost before it said so. What it had said to single recipients before
 * holds for them; the rest share the mail's fate.
 */
export function judgeError(error: MailNotSentError, to: readonly string[], onUncertain: OnUncertain): Judgement {
  const { message: reply, reason, rejected } = error;
  const others = to.filter((address) => !rejected.some((recipient) => isSameAddress(recipient.address, address)));
  if (reason === 'uncertain' && onUncertain === 'hold') return uncertain(others, reply, rejected);
  if (reason === 'uncertain') return sentAgain(others, reply, rejected);
  const permanent = reason === 'refused';
  const all = [...rejected, ...others.map((address) => ({ address, reply, permanent }))];
  return { answers: all.map(answerOf), error: errorOf(all, to.length) };
}

/**
 * Nobody knows whether the server has the mail for these, so it is not sent to them again.
 *
 * @param rejected - those of whom it is known that the server did not take it
 */
export function uncertain(
  to: readonly string[],
  reply: string,
  rejected: readonly RejectedRecipient[] = [],
): Judgement {
  const answers = to.map((address) => ({ address, verdict: 'uncertain' as const, reply }));
  const isPutOff = rejected.some(({ permanent }) => !permanent);
  return {
    answers: [...rejected.map(answerOf), ...answers],
    error: isPutOff ? errorOf(rejected, rejected.length + to.length) : new MailUncertainError(reply),
  };
}

/** Nobody knows whether the server has the mail for these, and they get it again. */
function sentAgain(to: readonly string[], reply: string, rejected: readonly RejectedRecipient[]): Judgement {
  const answers = to.map((address) => ({ address, verdict: null, reply }));
  return { answers: [...rejected.map(answerOf), ...answers], error: new MailMaybeSentError(reply, 0) };
}

function isSameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function answerOf({ address, reply, permanent }: RejectedRecipient): RecipientAnswer {
  return { address, verdict: permanent ? 'refused' : null, reply };
}

/**
 * Tried again while somebody was only put off.
 *
 * @param total - how many recipients the mail had in this try
 */
function errorOf(rejected: readonly RejectedRecipient[], total: number): Error {
  const putOff = rejected.filter(({ permanent }) => !permanent);
  if (putOff.length === 0) return new MailRefusedError(wordsOf(rejected, total));
  const isGreylisted = putOff.some(({ reply }) => isGreylisting(reply));
  return new RetryTaskError(wordsOf(putOff, total), isGreylisted ? GREYLISTING_SECONDS : 0);
}

/** The server's words; with the addresses, unless they are the same to all recipients. */
function wordsOf(rejected: readonly RejectedRecipient[], total: number): string {
  const [first, ...others] = rejected;
  const isForAll = rejected.length === total && others.every(({ reply }) => reply === first?.reply);
  if (isForAll) return first?.reply ?? '';
  const shown = rejected.slice(0, MOST_SHOWN).map(({ address, reply }) => `${address}: ${reply}`);
  return [...shown, ...(rejected.length > MOST_SHOWN ? [`and ${rejected.length - MOST_SHOWN} more`] : [])].join('; ');
}

/** The server does not know us yet (RFC 6647); 4.7.1 is what many say without naming it. */
function isGreylisting(reply: string): boolean {
  return /gr[ea]y-?\s?list/i.test(reply) || /^4\d\d[ -]4\.7\.1\b/.test(reply);
}
