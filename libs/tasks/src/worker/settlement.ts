import type { Delivery } from '../broker/broker.js';
import { continueTaskMessage } from '../protocol/index.js';
import type { RoutedMessage, Settlement } from '../store/task-store.js';
import { deadLetter } from './dead-letters.js';
import type { Outcome } from './outcome.js';
import type { TaskRun } from './task-run.js';

/** What commits together with the outcome of a run: the handler's own rows, its last report, its log. */
export type SettledWith = Pick<Settlement, 'rows' | 'progress' | 'log'>;

export const NOTHING_WITH_IT: SettledWith = { rows: null, progress: null, log: null };

/** What is to be written down for an outcome, but for what follows from it. */
export function settlementOf(run: TaskRun, outcome: Outcome, settledWith: SettledWith): Omit<Settlement, 'followUps'> {
  const { claim, delivery, request } = run;
  const { taskId, attempt, retries } = claim;
  const base = { taskId, attempt, state: outcome.state, retries, resultJson: null, error: null, next: null };
  const settlement = { ...base, ...settledWith, isCutOff: run.isCutOff && run.passedPointOfNoReturn };
  switch (outcome.state) {
    case 'SUCCESS':
      return { ...settlement, resultJson: request.ignoreResult ? null : outcome.resultJson };
    case 'IGNORED':
      return settlement;
    case 'RETRY': {
      const dueInMs = outcome.countdownSeconds * 1000;
      const next = { message: retryMessage(run, new Date(Date.now() + dueInMs)), dueInMs };
      return { ...settlement, retries: retries + 1, error: outcome.error, next };
    }
    case 'SNOOZE': {
      const next = { message: continuedMessage(delivery), dueInMs: outcome.countdownSeconds * 1000 };
      return { ...settlement, next };
    }
    case 'FAILURE': {
      const reason = outcome.deadLetterReason;
      const next = reason === null ? null : { message: deadLetter(delivery, reason), dueInMs: 0 };
      return { ...settlement, error: outcome.error, next };
    }
    case 'REVOKED':
      return { ...settlement, error: outcome.error };
  }
}

/** The same message once more, for its queue. */
export function continuedMessage(delivery: Delivery): RoutedMessage {
  const { exchange, routingKey, message } = delivery;
  const { properties, headers, body } = message;
  return { exchange, routingKey, envelope: { properties, headers }, body };
}

function retryMessage({ delivery, claim }: TaskRun, eta: Date): RoutedMessage {
  const { exchange, routingKey, message } = delivery;
  const change = { generation: claim.generation + 1, retries: claim.retries + 1, eta };
  const { properties, headers, body } = continueTaskMessage(message, change);
  return { exchange, routingKey, envelope: { properties, headers }, body };
}
