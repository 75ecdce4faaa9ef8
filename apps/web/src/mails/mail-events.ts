import type { MessageEvent } from '@nestjs/common';
import { interval, last, map, merge, share, takeUntil, takeWhile, type Observable } from 'rxjs';
import type { MailView } from './mail-view.js';

/** Proxies cut connections on which nothing is said for a minute or so. */
const HEARTBEAT_MS = 15_000;

/**
 * What is sent to the page of a mail: the part that shows its state, at each change, until there will be none.
 *
 * @param render - makes the markup of that part
 */
export function mailEvents(
  changes: Observable<MailView>,
  render: (mail: MailView) => string,
): Observable<MessageEvent> {
  const mails = changes.pipe(
    takeWhile(({ settled }) => !settled, true),
    map((mail): MessageEvent => ({ type: 'mail', data: render(mail) })),
    share(),
  );
  const heartbeats = interval(HEARTBEAT_MS).pipe(
    map((): MessageEvent => ({ comment: 'still here' })),
    takeUntil(mails.pipe(last(null, null))),
  );
  return merge(mails, heartbeats);
}
