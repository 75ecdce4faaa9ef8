import { describe, expect, it } from '@jest/globals';
import type { RecurringMail, RecurringRun } from '@celeriac/mail';
import { recurringItem, recurringView } from './recurring-view.js';

const NOW = new Date('2026-11-21T12:00:00Z');
const MONDAY = new Date('2026-11-23T08:00:00Z');

function recurringMail(changes: Partial<RecurringMail> = {}): RecurringMail {
  return {
    id: '8f14e45f-ceea-567a-9c15-2b1d7f0a3c11',
    form: { email: ['ann@example.com', 'bob@xn--exmple-cua.com'], subject: 'Menu', msg: 'Here it is.' },
    recurrence: { repeat: 'weekly', weekday: 'MON', time: '09:00', zone: 'Europe/Vienna' },
    schedule: { type: 'crontab', crontab: '0 9 * * MON', timezone: 'Europe/Vienna' },
    enabled: true,
    nextRunAt: MONDAY,
    lastRunAt: null,
    lastTaskId: null,
    totalRuns: 0,
    problem: null,
    createdAt: new Date('2026-11-21T11:59:30Z'),
    ...changes,
  };
}

function run(changes: Partial<RecurringRun> = {}): RecurringRun {
  const dueAt = new Date('2026-11-16T08:00:00Z');
  return { recurringId: recurringMail().id, dueAt, mail: null, taskState: null, ...changes };
}

describe('recurringItem', () => {
  it('says when it is sent next, on the clock of its zone', () => {
    const item = recurringItem(recurringMail(), undefined, NOW);
    expect(item).toMatchObject({
      url: `/mails/recurring/${recurringMail().id}`,
      subject: 'Menu',
      recipientsText: 'ann@example.com and 1 more',
      timesWords: 'Every Monday at 09:00, Europe/Vienna',
      state: { key: 'active', label: 'Active' },
      overdueSince: null,
      problem: null,
      lastRun: null,
    });
    expect(item.next).toEqual({
      iso: '2026-11-23T08:00:00.000Z',
      text: expect.stringMatching(/^Monday,? 23 November 2026 at 09:00$/),
    });
  });

  it.each<[key: string, changes: Partial<RecurringMail>]>([
    ['active', { nextRunAt: new Date('2026-11-21T11:59:00Z') }],
    ['overdue', { nextRunAt: new Date('2026-11-21T11:58:59Z') }],
    ['paused', { enabled: false, nextRunAt: null }],
    ['stopped', { enabled: false, nextRunAt: null, problem: 'to: Too small.' }],
    ['stopped', { schedule: null, recurrence: null, problem: 'The schedule cannot be used.' }],
  ])('is %s: %j', (key, changes) => {
    const item = recurringItem(recurringMail(changes), undefined, NOW);
    expect(item.state.key).toBe(key);
    expect(item.next === null).toBe(key !== 'active');
    expect(item.overdueSince === null).toBe(key !== 'overdue');
    expect(item.problem).toBe(changes.problem ?? null);
  });

  it('shows one whose text is none', () => {
    const item = recurringItem(recurringMail({ form: null }), undefined, NOW);
    expect(item).toMatchObject({ subject: '(cannot be read)', recipientsText: '' });
  });

  it.each<[state: RecurringRun['taskState'], words: string]>([
    ['PENDING', 'A worker has yet to write it.'],
    ['STARTED', 'A worker has yet to write it.'],
    ['RETRY', 'A worker has yet to write it.'],
    ['FAILURE', 'It could not be written.'],
    ['REVOKED', 'It was called off.'],
    ['SUCCESS', 'It is not kept any more.'],
    [null, 'It is not kept any more.'],
  ])('says of a last time whose task is %s and that has no mail: %s', (taskState, words) => {
    expect(recurringItem(recurringMail(), run({ taskState }), NOW).lastRun).toEqual({
      time: expect.objectContaining({ iso: '2026-11-16T08:00:00.000Z' }),
      mail: null,
      words,
    });
  });

  it('leads to the last mail, at the time at which it was accepted', () => {
    const createdAt = new Date('2026-11-16T08:00:01Z');
    const mail = { mail: { id: 'm1', subject: 'Menu', createdAt, earlierTaskIds: [] } };
    const facts = { recipients: [], task: null, attempts: [], hasText: true };
    const { lastRun } = recurringItem(recurringMail(), run({ dueAt: null, mail: { ...mail, ...facts } }), NOW);
    expect(lastRun).toMatchObject({ time: { iso: '2026-11-16T08:00:01.000Z' }, mail: { url: '/mails/m1' }, words: '' });
  });
});

describe('recurringView', () => {
  it('shows the next times of one that is sent, and what happens when clocks are changed', () => {
    const view = recurringView(recurringMail(), [MONDAY], [], NOW);
    expect(view).toMatchObject({
      recipients: 'ann@example.com, bob@exämple.com',
      message: 'Here it is.',
      zone: 'Europe/Vienna',
      isOn: true,
      isFresh: true,
      clockChange: expect.stringContaining('When clocks go forward'),
    });
    expect(view.nextTimes).toEqual([view.next]);
  });

  it.each<Partial<RecurringMail>>([
    { enabled: false, nextRunAt: null },
    { totalRuns: 1 },
    { createdAt: new Date('2026-11-21T11:58:00Z') },
    { nextRunAt: new Date('2026-11-21T11:00:00Z') },
  ])('is not fresh: %j', (changes) => {
    expect(recurringView(recurringMail(changes), [MONDAY], [], NOW).isFresh).toBe(false);
  });

  it('promises no times of one that is paused', () => {
    const view = recurringView(recurringMail({ enabled: false, nextRunAt: null }), [MONDAY], [], NOW);
    expect(view).toMatchObject({ nextTimes: [], isOn: false });
  });
});
