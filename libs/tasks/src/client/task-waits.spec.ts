import { describe, expect, it } from '@jest/globals';
import { reasonOf, type TaskWait } from './task-waits.js';

const soon = new Date('2026-01-02T03:04:05Z');
const inLine = {
  waitReason: null,
  dueAt: null,
  isEarly: false,
  isUnpublished: false,
  hasWorker: true,
  before: 3,
  isMore: false,
};

describe('reasonOf', () => {
  it.each<[what: string, wait: Partial<Parameters<typeof reasonOf>[0]>, isBrokerReady: boolean, reason: TaskWait]>([
    ['its turn', {}, true, { reason: 'in_line', before: 3, more: false }],
    ['its turn, far behind', { before: 480, isMore: true }, true, { reason: 'in_line', before: 480, more: true }],
    ['its turn, once more', { before: null }, true, { reason: 'in_line', before: null, more: false }],
    ['its turn, while only the producer lost the broker', {}, false, { reason: 'in_line', before: 3, more: false }],
    ['the broker', { isUnpublished: true, hasWorker: false }, false, { reason: 'broker_away' }],
    ['the producer, for a moment', { isUnpublished: true }, true, { reason: 'in_line', before: 3, more: false }],
    ['a worker', { hasWorker: false }, true, { reason: 'no_worker' }],
    ['its time', { waitReason: 'scheduled', dueAt: soon, isEarly: true }, false, { reason: 'scheduled', dueAt: soon }],
    [
      'its turn, when its time has come',
      { waitReason: 'snoozed', dueAt: soon },
      true,
      { reason: 'in_line', before: 3, more: false },
    ],
  ])('waits for %s', (_what, wait, isBrokerReady, reason) => {
    expect(reasonOf({ ...inLine, ...wait }, isBrokerReady)).toEqual(reason);
  });
});
