export { describeSchedule } from './timing/describe-schedule.js';
export { InvalidScheduleError, type ScheduleIssue } from './timing/invalid-schedule.error.js';
export { nextRun, nextRuns } from './timing/next-run.js';
export { parseSchedule } from './timing/parse-schedule.js';
export {
  INTERVAL_PERIODS,
  SOLAR_EVENTS,
  type ClockedSchedule,
  type CrontabSchedule,
  type IntervalPeriod,
  type IntervalSchedule,
  type Schedule,
  type SolarEvent,
  type SolarSchedule,
} from './timing/schedule.js';
