import type { Verdict } from '../store/entities/mail-recipient.entity.js';
import type { MailRecord, TaskProgress } from '../store/mail-book.js';

/**
 * How far a mail, or its way to one recipient, is.
 *
 * - `queued`: accepted, waits for a worker. `sending`: a worker is at it. `retrying`: will be tried again.
 * - `sent`: the mail server has accepted it. `refused`: the mail server will never take it.
 * - `failed`: given up after the last retry. `uncertain`: nobody knows whether the server has it.
 */
export type MailState = 'queued' | 'sending' | 'retrying' | 'sent' | 'refused' | 'failed' | 'uncertain';

export interface RecipientStatus {
  address: string;
  state: MailState;
  /** The server's words, where it has decided. */
  reply: string | null;
}

export interface MailStatus {
  state: MailState;
  recipients: RecipientStatus[];
  /** When it is tried again; null when it does not wait for a time. */
  nextAttemptAt: Date | null;
  /** Nothing will change any more by itself. */
  settled: boolean;
}

const OF_VERDICT: Record<Verdict, MailState> = { accepted: 'sent', refused: 'refused', uncertain: 'uncertain' };

/** What is still going on comes first, then what a reader must know of. */
const BY_WEIGHT: MailState[] = ['sending', 'retrying', 'queued', 'uncertain', 'failed', 'refused', 'sent'];

/** The truth about a mail: "sent" is what a server has accepted, and nothing else. */
export function mailStatus({
  recipients,
  task,
  attempts,
}: Pick<MailRecord, 'recipients' | 'task' | 'attempts'>): MailStatus {
  const open = openState(task, attempts);
  const statuses = recipients.map(({ address, verdict, reply }) => ({
    address,
    reply,
    state: verdict === null ? open : OF_VERDICT[verdict],
  }));
  const state = BY_WEIGHT.find((candidate) => statuses.some((status) => status.state === candidate)) ?? open;
  const settled = !['queued', 'sending', 'retrying'].includes(state);
  return { state, recipients: statuses, settled, nextAttemptAt: state === 'retrying' ? (task?.dueAt ?? null) : null };
}

/** How far a recipient is on whom no server has decided. */
function openState(task: TaskProgress | null, attempts: MailRecord['attempts']): MailState {
  switch (task?.state) {
    case 'PENDING':
      return 'queued';
    case 'STARTED':
      return 'sending';
    case 'RETRY':
      return 'retrying';
    // A task that ended without a word on a recipient, or is not there any more, did not send: unless a worker
    // died while the mail was being handed over.
    default: {
      const mayHaveSent = attempts.some(
        ({ outcome, pointOfNoReturnAt }) =>
          pointOfNoReturnAt !== null && (outcome === null || outcome === 'WORKER_LOST'),
      );
      return mayHaveSent ? 'uncertain' : 'failed';
    }
  }
}
