import type { Entry } from './entry.js';

/** A beat that is running sends at the very time; also after a round that has failed, or with thousands to send. */
const OVERDUE_AFTER_MS = 60_000;

/** Whether an entry should have been sent by now: then no beat is running, most likely. */
export function isOverdue({ enabled, nextRunAt }: Pick<Entry, 'enabled' | 'nextRunAt'>, now = new Date()): boolean {
  return enabled && nextRunAt !== null && now.getTime() - nextRunAt.getTime() > OVERDUE_AFTER_MS;
}
