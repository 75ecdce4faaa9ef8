import { nextRuns, type Schedule } from '@celeriac/schedule';
import { box, line, picture, tag, text, WIDTH, type Picture } from './svg.js';

const ZONE = 'Europe/Vienna';
const HALF_AN_HOUR_MS = 1_800_000;
const MARGIN = 14;
const AXIS = { x: 146, end: WIDTH - 30, y: 64 } as const;
const ROW = 34;

const SCHEDULES: Array<[words: string, schedule: Schedule]> = [
  ['30 2 * * *', { type: 'crontab', crontab: '30 2 * * *', timezone: ZONE }],
  ['*/30 * * * *', { type: 'crontab', crontab: '*/30 * * * *', timezone: ZONE }],
  ['every 30 minutes', { type: 'interval', every: 30, period: 'minutes' }],
];

/** A night in which clocks are changed. */
interface Night {
  title: string;
  from: Date;
  /** Real time from here to there is what the change is about; the same moment for an hour that is left out. */
  change: [from: Date, to: Date];
  note: string;
  /** How many half hours are shown. */
  length: number;
}

const NIGHTS: Night[] = [
  {
    title: 'Vienna, 29 March 2026: clocks go forward',
    from: new Date('2026-03-29T00:00Z'),
    change: [new Date('2026-03-29T01:00Z'), new Date('2026-03-29T01:00Z')],
    note: '02:30 does not exist',
    length: 5,
  },
  {
    title: 'Vienna, 25 October 2026: clocks go back',
    from: new Date('2026-10-25T00:00Z'),
    change: [new Date('2026-10-25T01:00Z'), new Date('2026-10-25T02:00Z')],
    note: 'once more',
    length: 6,
  },
];

/** When entries are due in nights in which clocks are changed, as {@link nextRuns} says it. */
export function clockChangePicture(): Picture {
  const height = AXIS.y + 26 + SCHEDULES.length * ROW;
  const panels = NIGHTS.flatMap((night, index) => {
    const top = index * height;
    const rule = top === 0 ? [] : [line('rule', `M${MARGIN} ${top}H${WIDTH - MARGIN}`)];
    return [...rule, tag('g', { transform: `translate(0 ${top})` }, `\n${drawNight(night, height).join('\n')}\n`)];
  });
  const description = NIGHTS.map(sentence).join(' ');
  return picture('When clocks are changed', description, height * NIGHTS.length, panels);
}

function drawNight(night: Night, height: number): string[] {
  return [
    text(MARGIN, 26, 'ink bold', night.title),
    ...drawChange(night, height),
    ...halfHours(night).map((time) => text(xOf(night, time), AXIS.y + 4, 'small quiet middle', clock(time))),
    ...SCHEDULES.flatMap(([words, schedule], index) => drawRow(night, words, schedule, AXIS.y + 32 + index * ROW)),
  ];
}

function drawChange(night: Night, height: number): string[] {
  const [from, to] = night.change.map((time) => xOf(night, time)) as [number, number];
  const width = stepOf(night);
  const left = from === to ? from - width / 2 : from - width / 2 + 1;
  const end = from === to ? left : to - width / 2 - 1;
  return [
    from === to
      ? line('bad-way', `M${left} ${AXIS.y - 10}V${height - 14}`)
      : box(left, AXIS.y - 11, end - left, height - AXIS.y - 3, 'message', 4),
    text((left + end) / 2, AXIS.y - 16, 'small ink middle', night.note),
  ];
}

function drawRow(night: Night, words: string, schedule: Schedule, y: number): string[] {
  return [
    text(MARGIN, y + 4, words.includes('*') ? 'code ink' : 'small ink', words),
    line('line', `M${AXIS.x - 8} ${y}H${AXIS.end + 14}`),
    ...runsOf(night, schedule).map((run) => tag('circle', { cx: xOf(night, run), cy: y, r: 5, class: 'tip' })),
  ];
}

function sentence(night: Night): string {
  const due = SCHEDULES.map(
    ([words, schedule]) => `${words} is due at ${runsOf(night, schedule).map(clock).join(', ')}`,
  );
  return `${night.title}: ${due.join('; ')}.`;
}

function runsOf(night: Night, schedule: Schedule): Date[] {
  const last = night.from.getTime() + (night.length - 1) * HALF_AN_HOUR_MS;
  return nextRuns(schedule, new Date(night.from.getTime() - 1), 24).filter((run) => run.getTime() <= last);
}

function halfHours({ from, length }: Night): Date[] {
  return Array.from({ length }, (_, index) => new Date(from.getTime() + index * HALF_AN_HOUR_MS));
}

function stepOf({ length }: Night): number {
  return (AXIS.end - AXIS.x) / (length - 1);
}

function xOf(night: Night, time: Date): number {
  return Math.round(AXIS.x + ((time.getTime() - night.from.getTime()) / HALF_AN_HOUR_MS) * stepOf(night));
}

/** On the wall in Vienna. */
function clock(time: Date): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, timeStyle: 'short' }).format(time);
}
