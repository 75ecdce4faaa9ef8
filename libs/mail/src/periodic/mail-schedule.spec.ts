import { describe, expect, it } from '@jest/globals';
import type { MailPeriodicOptions } from './mail-periodic-options.js';
import { mailSchedule } from './mail-schedule.js';

const OPTIONS: MailPeriodicOptions = {
  textRetentionDays: 30,
  retentionDays: 365,
  digestTo: ['ann@example.com'],
  publicUrl: 'http://localhost:8000',
  timeZone: 'Europe/Vienna',
};

function enabled(change: Partial<MailPeriodicOptions>): string[] {
  return mailSchedule({ ...OPTIONS, ...change }).flatMap((entry) => (entry.enabled === false ? [] : entry.name));
}

describe('mailSchedule', () => {
  it('goes by the clock of the time zone', () => {
    const timezone = 'Europe/Vienna';
    expect(mailSchedule(OPTIONS).map(({ name, schedule }) => [name, schedule])).toEqual([
      ['mail.forget_old', { type: 'crontab', crontab: '30 3 * * *', timezone }],
      ['mail.daily_digest', { type: 'crontab', crontab: '0 7 * * *', timezone }],
      ['mail.remind_uncertain', { type: 'crontab', crontab: '15 * * * *', timezone }],
    ]);
  });

  it('disables what the settings ask for no more', () => {
    expect(enabled({})).toEqual(['mail.forget_old', 'mail.daily_digest', 'mail.remind_uncertain']);
    expect(enabled({ digestTo: [] })).toEqual(['mail.forget_old', 'mail.remind_uncertain']);
    expect(enabled({ textRetentionDays: null })).toContain('mail.forget_old');
    expect(enabled({ textRetentionDays: null, retentionDays: null })).not.toContain('mail.forget_old');
  });
});
