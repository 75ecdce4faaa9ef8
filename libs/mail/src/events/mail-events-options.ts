/** Who listens to the events of the mail app. While nobody does there are none. */
export interface MailEventsOptions {
  /** Keep them in the table `mail_event`. */
  auditLog: boolean;
  /** Send them to addresses on the web; null: not. */
  webhooks: WebhookOptions | null;
}

/** Where events are posted to, and which. */
export interface WebhookOptions {
  urls: readonly string[];
  /** Signs them: `whsec_` and base64. */
  secret: string;
  /** The patterns of the types that are sent, as a topic exchange has them: `mail.#`, `mail.refused`. */
  patterns: readonly string[];
}

/** Nobody listens. */
export const NO_MAIL_EVENTS: MailEventsOptions = { auditLog: false, webhooks: null };
