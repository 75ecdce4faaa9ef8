import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Subject } from 'rxjs';
import { mailEvents } from './mail-events.js';
import type { MailView } from './mail-view.js';

/** Longer than the time between two heartbeats. */
const A_WHILE_MS = 16_000;

const view = (title: string, settled = false): MailView => ({ title, settled }) as MailView;

function open() {
  const changes = new Subject<MailView>();
  const page = { changes, seen: [] as unknown[], ended: false };
  mailEvents(changes, ({ title }) => title).subscribe({
    next: ({ type, comment, data }) => page.seen.push(type === undefined ? comment : { [type]: data }),
    complete: () => (page.ended = true),
  });
  return page;
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('mailEvents', () => {
  it('has each change, and signs of life between', () => {
    const page = open();
    page.changes.next(view('Queued'));
    jest.advanceTimersByTime(A_WHILE_MS);
    page.changes.next(view('Sending'));
    expect(page.seen).toEqual([{ mail: 'Queued' }, 'still here', { mail: 'Sending' }]);
    expect(page.ended).toBe(false);
  });

  it('ends with the state that is the last', () => {
    const page = open();
    page.changes.next(view('Sent', true));
    expect(page.seen).toEqual([{ mail: 'Sent' }]);
    expect(page.ended).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
    expect(page.changes.observed).toBe(false);
  });

  it('ends when the app stops', () => {
    const page = open();
    page.changes.complete();
    expect(page.ended).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
