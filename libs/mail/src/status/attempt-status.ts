import type { MailFacts } from './mail-record.js';

/** One try to send a mail. */
export interface AttemptStatus {
  /** 1 for the first; counted over all sendings of the mail. */
  number: number;
  /** The worker's node name. */
  worker: string;
  startedAt: Date | null;
  /** Null while it runs, and when its worker died: when that was, nobody knows. */
  finishedAt: Date | null;
  state: AttemptState;
  /** What went wrong, mostly in the server's words; null when nothing did. */
  error: string | null;
  /** The words of a server that accepted the mail in this try. */
  replies: Array<{ address: string; reply: string }>;
}

/**
 * What can become of a try.
 *
 * - `running`; `accepted` for all that it was sent to; `put_off`: tried again later; `refused` for one at least;
 *   `failed`: given up.
 * - `uncertain`: nobody knows. `lost`: its worker died before any of the mail had left.
 * - `given_back`: its worker stopped and gave it back.
 */
export const attemptStates = [
  'running',
  'accepted',
  'put_off',
  'refused',
  'failed',
  'uncertain',
  'lost',
  'given_back',
] as const;

/** One of {@link attemptStates}. */
export type AttemptState = (typeof attemptStates)[number];

type Attempt = MailFacts['attempts'][number];

/** @returns oldest first */
export function attemptStatuses({ attempts, recipients, task }: Omit<MailFacts, 'hasText'>): AttemptStatus[] {
  return attempts.map((attempt, index) => ({
    number: index + 1,
    worker: attempt.workerName,
    startedAt: attempt.startedAt,
    // The row has the time at which another worker noticed it.
    finishedAt: attempt.outcome === 'WORKER_LOST' ? null : attempt.finishedAt,
    state: isRunning(attempt, task) ? 'running' : attemptState(attempt),
    error: attempt.error?.message ?? null,
    replies: recipients.flatMap(({ address, verdict, reply, answeredAt }) =>
      // Verdicts and the end of their attempt are written in one transaction, and so have one time.
      verdict === 'accepted' && reply !== null && isSameTime(answeredAt, attempt.finishedAt)
        ? [{ address, reply }]
        : [],
    ),
  }));
}

/**
 * Nobody knows whether the server took the mail in this attempt: its worker died, or gave it up, after the mail had
 * begun to leave and before it could say what the server said; or the link was lost, and the mail is to be sent again.
 */
export function mayHaveSent({ outcome, pointOfNoReturnAt, error }: Attempt): boolean {
  if (pointOfNoReturnAt === null) return false;
  return outcome === null || outcome === 'WORKER_LOST' || error?.type === 'MailMaybeSentError';
}

function isRunning({ taskId, number }: Attempt, task: MailFacts['task']): boolean {
  return task?.state === 'STARTED' && task.id === taskId && task.attempt === number;
}

function attemptState(attempt: Attempt): AttemptState {
  switch (attempt.outcome) {
    case 'SUCCESS':
      return 'accepted';
    case 'RETRY':
      return mayHaveSent(attempt) ? 'uncertain' : 'put_off';
    case 'FAILURE':
      if (mayHaveSent(attempt)) return 'uncertain';
      if (attempt.error?.type === 'MailRefusedError') return 'refused';
      return attempt.error?.type === 'MailUncertainError' ? 'uncertain' : 'failed';
    case 'WORKER_LOST':
      return mayHaveSent(attempt) ? 'uncertain' : 'lost';
    case 'REVOKED':
    case 'IGNORED':
      return 'failed';
    case 'SNOOZE':
      return 'given_back';
    case null:
      return mayHaveSent(attempt) ? 'uncertain' : 'given_back';
  }
}

function isSameTime(one: Date | null, other: Date | null): boolean {
  return one !== null && one.getTime() === other?.getTime();
}
