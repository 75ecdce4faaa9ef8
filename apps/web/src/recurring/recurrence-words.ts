import type { Recurrence, RecurringMail } from '@celeriac/mail';
import { describeSchedule } from '@celeriac/schedule';
import { WEEKDAY_NAMES } from '../form/repeat-fields.js';

/** Says when a recurring mail is sent: `Every Monday at 09:00, Europe/Vienna`. */
export function timesWords({ recurrence, schedule }: Pick<RecurringMail, 'recurrence' | 'schedule'>): string {
  if (recurrence !== null) return `${daysWords(recurrence)} at ${recurrence.time}, ${recurrence.zone}`;
  return schedule === null ? 'At no times that can be read' : describeSchedule(schedule).times;
}

function daysWords(recurrence: Recurrence): string {
  switch (recurrence.repeat) {
    case 'daily':
      return 'Every day';
    case 'weekdays':
      return 'Every weekday, Monday to Friday,';
    case 'weekly':
      return `Every ${WEEKDAY_NAMES[recurrence.weekday]}`;
    case 'monthly':
      return recurrence.day === 'last' ? 'On the last day of each month' : `On day ${recurrence.day} of each month`;
  }
}
