/** A time in a page; the page's script turns it into the reader's own. */
export interface TimeView {
  iso: string;
  text: string;
}

const UTC = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

export function timeView(date: Date): TimeView {
  return { iso: date.toISOString(), text: `${UTC.format(date)} UTC` };
}

/** How long ago something was, to be read at once: "40 seconds ago". */
export function agoText(date: Date, now = new Date()): string {
  const seconds = Math.max(0, Math.round((now.getTime() - date.getTime()) / 1000));
  if (seconds < 5) return 'a moment ago';
  if (seconds < 60) return `${seconds} seconds ago`;
  const minutes = Math.floor(seconds / 60);
  return minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`;
}

/** @returns nothing while it is not over */
export function durationText(startedAt: Date | null, finishedAt: Date | null): string {
  if (startedAt === null || finishedAt === null) return '';
  const milliseconds = finishedAt.getTime() - startedAt.getTime();
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
