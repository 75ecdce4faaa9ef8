import type { Configuration } from './configuration.js';

/** What the mail app does again and again, as libs/mail takes it. */
export function mailPeriodic(configuration: Configuration) {
  const { MAIL_BODY_RETENTION_DAYS, MAIL_RETENTION_DAYS, DIGEST_TO, PUBLIC_URL, WEB_PORT, TIME_ZONE } = configuration;
  return {
    textRetentionDays: MAIL_BODY_RETENTION_DAYS === 0 ? null : MAIL_BODY_RETENTION_DAYS,
    retentionDays: MAIL_RETENTION_DAYS === 0 ? null : MAIL_RETENTION_DAYS,
    digestTo: DIGEST_TO,
    publicUrl: (PUBLIC_URL ?? `http://localhost:${WEB_PORT}`).replace(/\/+$/, ''),
    timeZone: TIME_ZONE,
  };
}
