import { Cron, CronPattern } from 'croner';
import type { CrontabSchedule } from './schedule.js';

/** So many crontabs stay read, those that were asked last: some megabytes. */
const KEPT = 1000;

const read = new Map<string, CrontabTimes>();

/** Two times of a crontab with none between them. */
interface Span {
  /** Inclusive; null: it never was due. */
  last: Date | null;
  /** Exclusive; null: it never is due again. */
  next: Date | null;
}

/** When a crontab is due. What was found out stays true until its next time: many entries have the same one. */
export class CrontabTimes {
  private span: Span | undefined;

  constructor(private readonly cron: Cron) {}

  /** @returns the last time that is not after another one, and the next that is */
  around(time: Date): Span {
    if (this.span === undefined || !holds(this.span, time)) {
      const [last = null] = this.cron.previousRuns(1, new Date(time.getTime() + 1));
      this.span = { last, next: this.cron.nextRun(time) };
    }
    return this.span;
  }
}

function holds({ last, next }: Span, time: Date): boolean {
  return last !== null && last <= time && (next === null || time < next);
}

/**
 * The times of a crontab in its zone, on the clock on the wall there.
 *
 * When that is changed, as Vixie cron has it (croner's rule): a crontab with one certain time of the day (`30 2 * * *`)
 * runs once on each of its days, right after the gap if the time does not exist, the first time if it comes twice. Any
 * other (every half hour) goes on in real time: what does not exist is left out, what comes twice runs twice.
 *
 * @throws TypeError, RangeError when the crontab or the zone is none
 */
export function crontabOf({ crontab, timezone }: CrontabSchedule): CrontabTimes {
  const key = `${timezone} ${crontab}`;
  const times = read.get(key) ?? new CrontabTimes(new Cron(crontab, { mode: '5-part', timezone, paused: true }));
  read.delete(key);
  read.set(key, times);
  const [oldest] = read.keys();
  if (read.size > KEPT && oldest !== undefined) read.delete(oldest);
  return times;
}

/** @returns whether it has one certain time of the day, which counts when clocks are changed */
export function hasOneTimeOfDay({ crontab, timezone }: CrontabSchedule): boolean {
  return new CronPattern(crontab, timezone, { mode: '5-part' }).isFixedTime;
}
