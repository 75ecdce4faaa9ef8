import type { TaskExplanation } from '@celeriac/tasks';

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
export const plainWaitReasons = ['broker_away', 'no_queue', 'no_worker', 'no_handler'] as const;

/**
 * Why a mail waits that could go, or comes to a halt in the middle.
 *
 * - `in_line`: for its turn; `before` mails are before it (null: nobody knows), or at least so many with `more`.
 * - `broker_away`: it is stored, and RabbitMQ cannot be reached. `no_queue`: RabbitMQ has none that takes it.
 * - `no_worker`: no worker lives that sends mail. `no_handler`: those that get mails do not know how to send them.
 * - `lease`: its worker gives no sign of life. Another one takes it over when the lease has run out, at `until`; null:
 *   it has.
 * - `rate_limited`: so many mails were sent as may be in a time; its turn is at `dueAt`.
 * - `mail_server`: the server refuses us whatever the mail, until somebody mends that.
 */
export type Waiting =
  | { reason: 'in_line'; before: number | null; more: boolean }
  | { reason: (typeof plainWaitReasons)[number] }
  | { reason: 'lease'; until: Date | null }
  | { reason: 'rate_limited'; dueAt: Date }
  | ({ reason: 'mail_server' } & CurrentTrouble);

/**
 * @param task - why the task that sends it has not started, or what it is doing
 * @returns null when it does not wait, or for a time alone
 */
export function waitingOf(task: TaskExplanation, trouble: CurrentTrouble | null): Waiting | null {
  switch (task.reason) {
    case 'in_line':
      return { reason: 'in_line', before: task.before, more: task.isMore };
    case 'unpublished':
      return SOME_TURN;
    case 'snoozed':
      return trouble === null ? SOME_TURN : { reason: 'mail_server', ...trouble };
    case 'broker_away':
    case 'no_handler':
      return { reason: task.reason };
    case 'no_queue':
    case 'unroutable':
    case 'unpublishable':
      return { reason: 'no_queue' };
    case 'no_consumer':
      return { reason: 'no_worker' };
    case 'rate_limited':
      return { reason: 'rate_limited', dueAt: task.dueAt };
    case 'suspect':
    case 'worker_lost':
      return { reason: 'lease', until: null };
    case 'running':
      return task.isMessageReturned ? { reason: 'lease', until: task.leaseUntil } : null;
    default:
      return null;
  }
}

const SOME_TURN: Waiting = { reason: 'in_line', before: null, more: false };
