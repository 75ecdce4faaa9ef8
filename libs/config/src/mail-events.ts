import type { Configuration } from './configuration.js';

/** Who listens to the events of the mail app, as libs/mail takes it. */
export function mailEvents({ MAIL_AUDIT_LOG, WEBHOOK_URLS, WEBHOOK_SECRET, WEBHOOK_EVENTS }: Configuration) {
  const hasEndpoints = WEBHOOK_URLS.length > 0 && WEBHOOK_SECRET !== undefined;
  return {
    auditLog: MAIL_AUDIT_LOG,
    webhooks: hasEndpoints
      ? { urls: [...new Set(WEBHOOK_URLS)], secret: WEBHOOK_SECRET, patterns: WEBHOOK_EVENTS }
      : null,
  };
}
