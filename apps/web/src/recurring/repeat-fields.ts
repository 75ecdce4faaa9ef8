import { MONTH_DAYS, WEEKDAYS } from '@celeriac/mail';
import { WEEKDAY_NAMES } from './recurrence-words.js';
import type { FormValues } from '../mails/form-values.js';

/** The choice of a form that sends one mail, at once. */
export const ONCE = 'once';
/** The choice of a form that leaves a recurring mail its times. */
export const UNCHANGED = 'unchanged';

/** A choice of a `<select>`. */
interface OptionView {
  value: string;
  label: string;
  selected: boolean;
}

/** What the fields of the form offer that say when a mail is sent. */
export interface RepeatFields {
  repeats: OptionView[];
  weekdays: OptionView[];
  days: OptionView[];
  zones: string[];
}

const REPEATS = {
  daily: 'Every day',
  weekdays: 'Every weekday, Monday to Friday',
  weekly: 'Every week, on one day',
  monthly: 'Every month, on one day',
};

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** @param first - the choice before those that repeat: its value, and what it is called */
export function repeatFields(values: FormValues, first: readonly [value: string, label: string] | null): RepeatFields {
  const repeats = [...(first === null ? [] : [first]), ...Object.entries(REPEATS)];
  return {
    repeats: repeats.map(([value, label]) => ({ value, label, selected: value === values.repeat })),
    weekdays: WEEKDAYS.map((value) => ({ value, label: WEEKDAY_NAMES[value], selected: value === values.weekday })),
    days: MONTH_DAYS.map((value) => ({
      value,
      label: value === 'last' ? 'The last day' : value,
      selected: value === values.day,
    })),
    zones: ZONES,
  };
}
