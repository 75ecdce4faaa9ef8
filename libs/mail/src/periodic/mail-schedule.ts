import type { CrontabSchedule, NewEntry } from '@celeriac/schedule';
import type { MailPeriodicOptions } from './mail-periodic-options.js';
import { dailyDigest, forgetOld, remindUncertain } from './upkeep-tasks.js';

/**
 * The periodic tasks of the mail app. One that makes no sense without a setting is there all the same, and disabled: so
 * beat disables it when the setting is taken away, and enables it when it comes back.
 */
export function mailSchedule(options: MailPeriodicOptions): NewEntry[] {
  const { timeZone, textRetentionDays, retentionDays, digestTo } = options;
  const at = (crontab: string): CrontabSchedule => ({ type: 'crontab', crontab, timezone: timeZone });
  return [
    {
      name: forgetOld.name,
      task: forgetOld.name,
      schedule: at('30 3 * * *'),
      overlap: 'skip',
      enabled: textRetentionDays !== null || retentionDays !== null,
      description:
        'Removes the texts of old mails, and deletes older mails (MAIL_BODY_RETENTION_DAYS, MAIL_RETENTION_DAYS).',
    },
    {
      name: dailyDigest.name,
      task: dailyDigest.name,
      schedule: at('0 7 * * *'),
      overlap: 'skip',
      enabled: digestTo.length > 0,
      description: 'Mails what was sent yesterday, and what was not, to DIGEST_TO.',
    },
    {
      name: remindUncertain.name,
      task: remindUncertain.name,
      schedule: at('15 * * * *'),
      overlap: 'skip',
      description: 'Reminds DIGEST_TO, or the log, of mails that wait for a decision.',
    },
  ];
}
