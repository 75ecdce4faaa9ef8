import type { TaskWait } from '@celeriac/tasks';

/** Why no mail gets through at the moment. */
export interface CurrentTrouble {
  /** The mail server's words. */
  problem: string;
  /** What to do about it, for whoever runs the app. */
  advice: string;
  since: Date;
  nextProbeAt: Date;
}

/** The reasons of which there is no more to say; see {@link Waiting}. */
export const plainWaitReasons = ['broker_away', 'no_worker', 'no_handler', 'lease', 'rate_limited'] as const;

/**
 * Why a queued mail waits.
 *
 * - `in_line`: for its turn; `before` mails are before it (null: nobody knows), or at least so many with `more`.
 * - `broker_away`: it is stored, and RabbitMQ cannot be reached. `no_worker`: none is alive.
 * - `no_handler`: no worker knows how to send mail. `lease`: a worker that may be dead still holds it.
 * - `rate_limited`: so many mails were sent as may be in a time; its turn is fixed.
 * - `mail_server`: the server refuses us whatever the mail, until somebody mends that.
 */
export type Waiting =
  | { reason: 'in_line'; before: number | null; more: boolean }
  | { reason: (typeof plainWaitReasons)[number] }
  | ({ reason: 'mail_server' } & CurrentTrouble);

/** @param wait - why its task waits; undefined when it does not */
export function waitingOf(wait: TaskWait | undefined, trouble: CurrentTrouble | null): Waiting | null {
  if (wait === undefined) return null;
  switch (wait.reason) {
    case 'scheduled':
      return null;
    case 'snoozed':
      return trouble === null
        ? { reason: 'in_line', before: null, more: false }
        : { reason: 'mail_server', ...trouble };
    case 'in_line':
      return { reason: 'in_line', before: wait.before, more: wait.more };
    default:
      return { reason: wait.reason };
  }
}
