import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { MailBook, MailRecord, Waiting } from '@celeriac/mail';
import { LiveMails } from './live-mails.js';

/** Longer than the time between two polls. */
const A_WHILE_MS = 1000;
/** Longer than the time between two looks at why mails wait. */
const A_LONG_WHILE_MS = 2500;

/** Mails of which only the version is looked at; a version that changes is a change. */
class FakeBook {
  readonly versions = new Map<string, number>();
  readonly polls: string[][] = [];
  /** How many mails are before those that wait. */
  readonly before = new Map<string, number>();
  waitingPolls = 0;
  away = false;
  /** While it is set, the answer to a poll waits for it. */
  hold: Promise<void> | undefined;

  async fingerprints(ids: readonly string[]): Promise<Map<string, string>> {
    this.polls.push([...ids]);
    await this.hold;
    if (this.away) throw new Error('connect ECONNREFUSED');
    const known = ids.filter((id) => this.versions.has(id));
    return new Map(known.map((id) => [id, `version ${this.versions.get(id)}`]));
  }

  async findAll(ids: readonly string[]): Promise<MailRecord[]> {
    return ids.map((id) => {
      const mail = { id, subject: `version ${this.versions.get(id)}` };
      return { mail, waiting: this.waitingOf(id) } as MailRecord;
    });
  }

  async waiting(ids: readonly string[]): Promise<Map<string, Waiting | null>> {
    this.waitingPolls += 1;
    return new Map(ids.filter((id) => this.before.has(id)).map((id) => [id, this.waitingOf(id)]));
  }

  private waitingOf(id: string): Waiting | null {
    const before = this.before.get(id);
    return before === undefined ? null : { reason: 'in_line', before, more: false };
  }
}

function setUp(...ids: string[]) {
  const book = new FakeBook();
  for (const id of ids) book.versions.set(id, 1);
  const live = new LiveMails(book as Partial<MailBook> as MailBook);
  const open = (id: string) => {
    const seen: string[] = [];
    const page = { seen, ended: false, close: () => subscription.unsubscribe() };
    const subscription = live.watch(id).subscribe({
      next: ({ mail, waiting }) =>
        seen.push(`${mail.id} ${mail.subject}${waiting?.reason === 'in_line' ? `, ${waiting.before} before it` : ''}`),
      complete: () => {
        page.ended = true;
      },
    });
    return page;
  };
  return { book, live, open };
}

const aWhile = (): Promise<void> => jest.advanceTimersByTimeAsync(A_WHILE_MS);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('LiveMails', () => {
  it('asks nothing while no page is open, and nothing any more when the last one is closed', async () => {
    const { book, live, open } = setUp('a');
    const unopened = live.watch('a');
    await aWhile();
    expect(book.polls).toEqual([]);

    const [first, second] = [open('a'), open('a')];
    await aWhile();
    first.close();
    const before = book.polls.length;
    await aWhile();
    expect(book.polls.length).toBeGreaterThan(before);
    second.close();
    const after = book.polls.length;
    await aWhile();
    expect(book.polls).toHaveLength(after);
    expect(jest.getTimerCount()).toBe(0);
    expect(unopened).toBeDefined();
  });

  it('asks once for all open pages, and again when one is opened after a rest', async () => {
    const { book, open } = setUp('a', 'b');
    const pages = [open('a'), open('b'), open('a')];
    await jest.advanceTimersToNextTimerAsync();
    expect(book.polls).toEqual([['a', 'b']]);
    for (const page of pages) page.close();
    open('b');
    await jest.advanceTimersToNextTimerAsync();
    expect(book.polls).toEqual([['a', 'b'], ['b']]);
  });

  it('tells a page how its mail is at first, and each change once', async () => {
    const { book, open } = setUp('a', 'b');
    const [a, b] = [open('a'), open('b')];
    await aWhile();
    book.versions.set('a', 2);
    await aWhile();
    book.versions.set('a', 3);
    await aWhile();
    expect(a.seen).toEqual(['a version 1', 'a version 2', 'a version 3']);
    expect(b.seen).toEqual(['b version 1']);
  });

  it('tells a page that is opened later at once how the mail is', async () => {
    const { open } = setUp('a');
    open('a');
    await aWhile();
    const later = open('a');
    await aWhile();
    expect(later.seen).toEqual(['a version 1']);
  });

  it('tells a page that is opened again, and a closed one nothing', async () => {
    const { book, open } = setUp('a');
    const closed = open('a');
    await aWhile();
    closed.close();
    book.versions.set('a', 2);
    const again = open('a');
    await aWhile();
    expect(closed.seen).toEqual(['a version 1']);
    expect(again.seen).toEqual(['a version 2']);
  });

  it('says nothing of a mail that is not there', async () => {
    const { book, open } = setUp();
    const page = open('gone');
    await aWhile();
    expect(page.seen).toEqual([]);
    expect(page.ended).toBe(false);
    book.versions.set('gone', 1);
    await aWhile();
    expect(page.seen).toEqual(['gone version 1']);
  });

  it('tells a page why its mail waits when that changes, and asks for it seldom', async () => {
    const { book, open } = setUp('a', 'b');
    book.before.set('a', 2);
    const [a, b] = [open('a'), open('b')];
    await aWhile();
    expect(book.waitingPolls).toBe(0);
    book.before.set('a', 1);
    await jest.advanceTimersByTimeAsync(A_LONG_WHILE_MS);
    expect(a.seen).toEqual(['a version 1, 2 before it', 'a version 1, 1 before it']);
    expect(b.seen).toEqual(['b version 1']);
    await jest.advanceTimersByTimeAsync(A_LONG_WHILE_MS);
    expect(a.seen).toHaveLength(2);
    expect(book.waitingPolls).toBeLessThan(book.polls.length / 5);
    // It goes: that it waits no more is no change of its own.
    book.before.delete('a');
    await jest.advanceTimersByTimeAsync(A_LONG_WHILE_MS);
    expect(a.seen).toHaveLength(2);
    book.versions.set('a', 2);
    await aWhile();
    expect(a.seen.slice(2)).toEqual(['a version 2']);
  });

  it('goes on when the store is back', async () => {
    const { book, open } = setUp('a');
    const page = open('a');
    await aWhile();
    book.away = true;
    book.versions.set('a', 2);
    await aWhile();
    expect(page).toMatchObject({ seen: ['a version 1'], ended: false });
    book.away = false;
    await aWhile();
    expect(page.seen).toEqual(['a version 1', 'a version 2']);
  });

  it('asks one question at a time, however long the answer takes', async () => {
    const { book, open } = setUp('a');
    let answer = (): void => undefined;
    book.hold = new Promise((resolve) => {
      answer = resolve;
    });
    const page = open('a');
    await aWhile();
    await aWhile();
    expect(book.polls).toHaveLength(1);
    answer();
    await aWhile();
    expect(book.polls.length).toBeGreaterThan(1);
    expect(page.seen).toEqual(['a version 1']);
  });

  it('ends all pages when the app stops', async () => {
    const { book, live, open } = setUp('a', 'b');
    const pages = [open('a'), open('a'), open('b')];
    await aWhile();
    live.onModuleDestroy();
    expect(pages.map(({ ended }) => ended)).toEqual([true, true, true]);
    const before = book.polls.length;
    await aWhile();
    expect(book.polls).toHaveLength(before);
    expect(jest.getTimerCount()).toBe(0);
  });
});
