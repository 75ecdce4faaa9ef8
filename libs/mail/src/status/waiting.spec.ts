import { describe, expect, it } from '@jest/globals';
import type { TaskExplanation } from '@celeriac/tasks';
import { waitingOf, type Waiting } from './waiting.js';

const AT = new Date('2026-01-02T03:04:05Z');
const LATER = new Date('2026-01-02T03:05:05Z');
const TROUBLE = { problem: '535 No', advice: 'Check it.', since: AT, nextProbeAt: LATER };
const IN_LINE = { reason: 'in_line', before: 3, isMore: false, messages: 4, workers: ['w@host'], slots: 20 };
const RUNNING = { reason: 'running', leaseUntil: LATER, isMessageReturned: false };

describe('why a mail does not get on', () => {
  it.each<[task: object, waiting: Waiting | null]>([
    [IN_LINE, { reason: 'in_line', before: 3, more: false }],
    [
      { reason: 'unpublished', since: AT },
      { reason: 'in_line', before: null, more: false },
    ],
    [{ reason: 'broker_away', isPublished: true }, { reason: 'broker_away' }],
    [{ reason: 'no_consumer', workers: [], isElsewhere: false }, { reason: 'no_worker' }],
    [{ reason: 'no_handler', dueAt: LATER, workers: [] }, { reason: 'no_handler' }],
    [{ reason: 'no_queue' }, { reason: 'no_queue' }],
    [{ reason: 'unroutable', exchange: 'mail', routingKey: 'mail', nextTryAt: LATER }, { reason: 'no_queue' }],
    [
      { reason: 'rate_limited', dueAt: LATER },
      { reason: 'rate_limited', dueAt: LATER },
    ],
    [
      { reason: 'suspect', dueAt: LATER, deaths: 1 },
      { reason: 'lease', until: null },
    ],
    [
      { reason: 'worker_lost', leaseUntil: AT },
      { reason: 'lease', until: null },
    ],
    [
      { ...RUNNING, isMessageReturned: true },
      { reason: 'lease', until: LATER },
    ],
    [RUNNING, null],
    [
      { reason: 'snoozed', dueAt: LATER },
      { reason: 'mail_server', ...TROUBLE },
    ],
    [{ reason: 'retry', dueAt: LATER }, null],
    [{ reason: 'succeeded', finishedAt: AT }, null],
  ])('of %j is %j', (task, waiting) => {
    expect(waitingOf(task as TaskExplanation, TROUBLE)).toEqual(waiting);
  });

  it('is its turn, when the trouble for which it was put off is over', () => {
    const snoozed = { reason: 'snoozed', dueAt: LATER } as TaskExplanation;
    expect(waitingOf(snoozed, null)).toEqual({ reason: 'in_line', before: null, more: false });
  });
});
