import { isDeepStrictEqual } from 'node:util';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { MailBook, type MailRecord } from '@celeriac/mail';
import { Observable, Subject } from 'rxjs';

const POLL_MS = 300;
/** Why mails wait is much to ask, and changes with each mail that goes. */
const WAITING_POLL_MS = 2000;

/** The open pages of one mail. */
interface Watch {
  changes: Subject<MailRecord>;
  /** Of the record that the pages have been told, without why it waits. */
  fingerprint: string | undefined;
  /** What the pages have been told last. */
  record: MailRecord | undefined;
  pages: number;
}

/**
 * Tells open pages what becomes of their mails. While pages are open, one query for all of them asks a few times a
 * second what has changed, and now and then why those wait that do; while none is, nothing is asked.
 */
@Injectable()
export class LiveMails implements OnModuleDestroy {
  private readonly watches = new Map<string, Watch>();
  private timer: NodeJS.Timeout | undefined;
  private polling = false;
  /** On the monotonic clock. */
  private waitingDueMs = 0;

  constructor(private readonly book: MailBook) {}

  /** Emits the mail as it is at first, and after each change. Ends when the app stops. */
  watch(mailId: string): Observable<MailRecord> {
    return new Observable((subscriber) => {
      const watch = this.watches.get(mailId) ?? newWatch();
      watch.pages += 1;
      // A new page is told at once, whatever the others know already.
      watch.fingerprint = undefined;
      this.watches.set(mailId, watch);
      const subscription = watch.changes.subscribe(subscriber);
      if (this.timer === undefined) this.start();
      return () => {
        subscription.unsubscribe();
        watch.pages -= 1;
        if (watch.pages === 0) this.watches.delete(mailId);
        if (this.watches.size === 0) this.rest();
      };
    });
  }

  onModuleDestroy(): void {
    for (const { changes } of this.watches.values()) changes.complete();
    this.rest();
  }

  private start(): void {
    this.waitingDueMs = performance.now() + WAITING_POLL_MS;
    this.timer = setInterval(() => void this.poll(), POLL_MS);
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async poll(): Promise<void> {
    if (this.polling) return;
    this.polling = true;
    try {
      await this.tellChanges();
      if (performance.now() >= this.waitingDueMs) await this.tellWhyTheyWait();
    } catch {
      // The store is away: the pages stay as they are until it is back.
    } finally {
      this.polling = false;
    }
  }

  private async tellChanges(): Promise<void> {
    const fingerprints = await this.book.fingerprints([...this.watches.keys()]);
    const changed = [...fingerprints].filter(([id, fingerprint]) => this.watches.get(id)?.fingerprint !== fingerprint);
    for (const record of await this.book.findAll(changed.map(([id]) => id))) {
      const watch = this.watches.get(record.mail.id);
      if (watch === undefined) continue;
      watch.fingerprint = fingerprints.get(record.mail.id);
      tell(watch, record);
    }
  }

  private async tellWhyTheyWait(): Promise<void> {
    this.waitingDueMs = performance.now() + WAITING_POLL_MS;
    for (const [id, waiting] of await this.book.waiting([...this.watches.keys()])) {
      const watch = this.watches.get(id);
      if (watch?.record === undefined || isDeepStrictEqual(watch.record.waiting, waiting)) continue;
      tell(watch, { ...watch.record, waiting });
    }
  }
}

function newWatch(): Watch {
  return { changes: new Subject(), fingerprint: undefined, record: undefined, pages: 0 };
}

function tell(watch: Watch, record: MailRecord): void {
  watch.record = record;
  watch.changes.next(record);
}
