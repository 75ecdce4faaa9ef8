import { nextRuns, type Schedule } from '@celeriac/schedule';

const HOUR_MS = 3_600_000;

/** A night in which clocks are changed at a place. */
interface Night {
  zone: string;
  /** Some time before the change, before anything of the row is due. */
  before: string;
  /** What clocks do. */
  change: string;
  /** A crontab with one time of the day, which does not exist in that night, or comes twice. */
  once: string;
  /** One with several, which are due around the change. */
  often: string;
}

const NIGHTS: Night[] = [
  night('Europe/Vienna', '2026-03-29T00:15Z', '02:00 → 03:00', '30 2 * * *', '*/30 * * * *'),
  night('Europe/Vienna', '2026-10-24T23:45Z', '03:00 → 02:00', '30 2 * * *', '*/30 * * * *'),
  night('America/New_York', '2026-03-08T06:15Z', '02:00 → 03:00', '30 2 * * *', '*/30 * * * *'),
  night('America/New_York', '2026-11-01T04:45Z', '02:00 → 01:00', '30 1 * * *', '*/30 * * * *'),
  night('Australia/Lord_Howe', '2026-10-03T15:10Z', '02:00 → 02:30', '15 2 * * *', '*/15 * * * *'),
  night('Australia/Lord_Howe', '2026-04-04T14:25Z', '02:00 → 01:30', '45 1 * * *', '*/15 * * * *'),
];

function night(zone: string, before: string, change: string, once: string, often: string): Night {
  return { zone, before, change, once, often };
}

/** The table of docs/beat.md: what `nextRuns` says of nights in which clocks are changed. */
export function clockChangeTable(): string {
  const rows = NIGHTS.map(({ zone, before, change, once, often }) => {
    const day = clockOf(zone, new Date(new Date(before).getTime() + 2 * HOUR_MS)).slice(0, 10);
    const [single] = runs(zone, once, before, 1);
    const several = runs(zone, often, before, 5);
    return `| ${zone}, ${day} | ${change} | \`${once}\`: ${single} | \`${often}\`: ${several.join(', ')} |`;
  });
  return ['| where and when | clocks | one time of the day | several |', '| --- | --- | --- | --- |', ...rows, ''].join(
    '\n',
  );
}

/** @returns the next times, on the clock of the place */
function runs(zone: string, crontab: string, after: string, count: number): string[] {
  const schedule: Schedule = { type: 'crontab', crontab, timezone: zone };
  return nextRuns(schedule, new Date(after), count).map((run) => clockOf(zone, run).slice(11));
}

/** 2026-03-29 01:30 */
function clockOf(zone: string, time: Date): string {
  return new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(time);
}
