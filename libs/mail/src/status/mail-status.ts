import type { Verdict } from '../store/entities/mail-recipient.entity.js';
import { attemptStatuses, mayHaveSent, type AttemptStatus } from './attempt-status.js';
import type { MailFacts } from './mail-record.js';

/**
 * How far a mail, or its way to one recipient, can be.
 *
 * - `queued`: accepted, waits for a worker. `sending`: a worker is at it. `retrying`: will be tried again.
 * - `sent`: the mail server has accepted it. `arrived`: nobody knew, and somebody has said that it is there.
 * - `refused`: the mail server will never take it. `failed`: given up after the last retry.
 * - `uncertain`: nobody knows whether the server has it. `canceled`: called off before a server had taken it.
 */
export const mailStates = [
  'queued',
  'sending',
  'retrying',
  'sent',
  'arrived',
  'refused',
  'failed',
  'uncertain',
  'canceled',
] as const;

/** One of {@link mailStates}. */
export type MailState = (typeof mailStates)[number];

/** What somebody may do about a mail: have it sent again, call it off, say that it has arrived. */
export const mailActions = ['resend', 'cancel', 'arrived'] as const;

/** One of {@link mailActions}. */
export type MailAction = (typeof mailActions)[number];

export interface RecipientStatus {
  address: string;
  state: MailState;
  /** The server's last words on it. */
  reply: string | null;
}

export interface MailStatus {
  state: MailState;
  recipients: RecipientStatus[];
  /** Oldest first. */
  attempts: AttemptStatus[];
  /** When it is tried again; null when it does not wait for a time. */
  nextAttemptAt: Date | null;
  /** Nothing will change any more by itself. */
  settled: boolean;
  actions: MailAction[];
}

const OF_VERDICT: Record<Verdict, MailState> = {
  accepted: 'sent',
  arrived: 'arrived',
  refused: 'refused',
  uncertain: 'uncertain',
};

/** What is still going on comes first, then what a reader must know of. */
const BY_WEIGHT: MailState[] = [
  'sending',
  'retrying',
  'queued',
  'uncertain',
  'failed',
  'refused',
  'canceled',
  'arrived',
  'sent',
];

/** The truth about a mail: "sent" is what a server has accepted, and nothing else. */
export function mailStatus({ hasText, recipients, task, attempts }: MailFacts): MailStatus {
  const open = openState({ task, attempts });
  const statuses = recipients.map(({ address, verdict, reply }) => ({
    address,
    reply,
    state: verdict === null ? open : OF_VERDICT[verdict],
  }));
  const states = new Set(statuses.map((status) => status.state));
  const state = BY_WEIGHT.find((candidate) => states.has(candidate)) ?? open;
  return {
    state,
    recipients: statuses,
    attempts: attemptStatuses({ recipients, task, attempts }),
    nextAttemptAt: state === 'retrying' ? (task?.dueAt ?? null) : null,
    settled: !['queued', 'sending', 'retrying'].includes(state),
    actions: actionsFor(state, states).filter((action) => hasText || action !== 'resend'),
  };
}

/** A mail goes to nobody twice: what a server has accepted, or somebody has seen, is not sent again. */
function actionsFor(state: MailState, states: ReadonlySet<MailState>): MailAction[] {
  if (state === 'queued' || state === 'retrying') return ['cancel'];
  if (state === 'sending') return [];
  const isAllThere = [...states].every((reached) => reached === 'sent' || reached === 'arrived');
  if (isAllThere) return [];
  return states.has('uncertain') ? ['resend', 'arrived'] : ['resend'];
}

/** How far a recipient is on whom no server has decided. */
function openState({ task, attempts }: Pick<MailFacts, 'task' | 'attempts'>): MailState {
  switch (task?.state) {
    case 'PENDING':
      return 'queued';
    case 'STARTED':
      return 'sending';
    case 'RETRY':
      // One that was put off waits for the mail server to take any mail at all.
      return task.waitReason === 'snoozed' ? 'queued' : 'retrying';
    default: {
      // A task that ended without a word on a recipient, or is not there any more, did not send: unless a worker
      // died while the mail was being handed over.
      const latest = attempts.filter(({ taskId }) => task === null || taskId === task.id);
      if (latest.some(mayHaveSent)) return 'uncertain';
      return task?.state === 'REVOKED' ? 'canceled' : 'failed';
    }
  }
}
