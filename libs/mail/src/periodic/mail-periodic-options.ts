/** What the mail app does again and again, and how. */
export interface MailPeriodicOptions {
  /** So many days after its end the text of a mail is removed; null: never. */
  textRetentionDays: number | null;
  /** So many days after its end a mail is deleted; null: never. */
  retentionDays: number | null;
  /** The addresses that the digest and the reminders go to; none: there is no digest, and reminders go to the log. */
  digestTo: readonly string[];
  /** Where the pages are, for links in mails; without a slash at the end. */
  publicUrl: string;
  /** Of the tz database: whose days and hours these are. */
  timeZone: string;
}
