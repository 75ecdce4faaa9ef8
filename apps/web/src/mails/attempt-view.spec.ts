import { describe, expect, it } from '@jest/globals';
import type { AttemptState, AttemptStatus } from '@celeriac/mail';
import { attemptViews, type AttemptView } from './attempt-view.js';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 2, 3, 4, seconds));

function attempt(change: Partial<AttemptStatus> = {}): AttemptStatus {
  return {
    number: 1,
    worker: 'celery@host',
    startedAt: at(0),
    finishedAt: at(1),
    state: 'put_off',
    error: '450 Later',
    replies: [],
    ...change,
  };
}

function shownOf(change: Partial<AttemptStatus>, recipientCount = 1): AttemptView | undefined {
  return attemptViews([attempt(change)], recipientCount).attempts[0];
}

describe('attempts', () => {
  it.each([
    [0, 0, ''],
    [20, 20, ''],
    [21, 20, 'and an earlier one'],
    [100, 20, 'and 80 earlier ones'],
  ])('that are %d: the newest %d are shown, "%s"', (count, shown, earlierText) => {
    const given = Array.from({ length: count }, (_, index) => attempt({ number: index + 1 }));
    const views = attemptViews(given, 1);
    expect(views.attempts.map(({ number }) => number)).toEqual(Array.from({ length: shown }, (_, n) => count - n));
    expect(views.earlierText).toBe(earlierText);
  });

  it.each<[state: AttemptState, label: string, tone: string]>([
    ['running', 'Running', 'active'],
    ['accepted', 'Accepted', 'good'],
    ['put_off', 'Put off', 'warning'],
    ['failed', 'Failed', 'bad'],
    ['lost', 'The worker was lost', 'warning'],
    ['given_back', 'Given back', 'waiting'],
  ])('that are %s are shown as "%s"', (state, label, tone) => {
    expect(shownOf({ state })).toMatchObject({ label, tone, worker: 'celery@host', words: ['450 Later'] });
  });

  it.each<[state: AttemptState, words: string[]]>([
    ['lost', ['Its worker died before any of the mail had left.']],
    [
      'uncertain',
      ['Its worker ended after the mail had begun to leave, and before it could say what the mail server answered.'],
    ],
    ['given_back', []],
  ])('that are %s, of which nothing was written down, say no more than is known: %j', (state, words) => {
    expect(shownOf({ state, error: null })?.words).toEqual(words);
  });

  it.each<[replies: string[], words: string[]]>([
    [['250 OK'], ['250 OK']],
    [['250 OK', '250 OK'], ['user0@example.com, user1@example.com: 250 OK']],
    [
      ['250 OK 1', '250 OK 2'],
      ['user0@example.com: 250 OK 1', 'user1@example.com: 250 OK 2'],
    ],
    [
      Array.from({ length: 50 }, () => '250 OK'),
      ['user0@example.com, user1@example.com, user2@example.com and 47 more: 250 OK'],
    ],
  ])('with the replies %j name who is meant where there are several: %j', (words, lines) => {
    const replies = words.map((reply, n) => ({ address: `user${n}@example.com`, reply }));
    expect(shownOf({ state: 'accepted', error: null, replies }, replies.length)?.words).toEqual(lines);
  });

  it('names the one of several who was meant', () => {
    const replies = [{ address: 'ann@example.com', reply: '250 OK' }];
    expect(shownOf({ replies }, 2)?.words).toEqual(['ann@example.com: 250 OK', '450 Later']);
  });

  it.each<[startedAt: Date | null, finishedAt: Date | null, durationText: string]>([
    [at(0), at(0), '0 ms'],
    [new Date(1000), new Date(1999), '999 ms'],
    [at(0), at(1), '1.0 s'],
    [new Date(0), new Date(12_340), '12.3 s'],
    [at(0), null, ''],
    [null, at(0), ''],
  ])('from %p to %p took "%s"', (startedAt, finishedAt, durationText) => {
    expect(shownOf({ startedAt, finishedAt })).toMatchObject({ durationText });
  });
});
