import { MONTH_DAYS, WEEKDAYS } from '@celeriac/mail';
import type { FormValues } from './form-values.js';

/** What the days of the week are called. */
export const WEEKDAY_NAMES: Record<(typeof WEEKDAYS)[number], string> = {
  MON: 'Monday',
  TUE: 'Tuesday',
  WED: 'Wednesday',
  THU: 'Thursday',
  FRI: 'Friday',
  SAT: 'Saturday',
  SUN: 'Sunday',
};

/** The choice of a form that sends one mail, at once. */
export const ONCE = 'once';
/** The choice of a form that leaves a recurring mail its times. */
export const UNCHANGED = 'unchanged';

/** @returns the times that stand on the form until somebody types others */
export function usualTimes(zone: string): Pick<FormValues, 'time' | 'zone'> {
  return { time: '09:00', zone };
}

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
