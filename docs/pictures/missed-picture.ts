import { dueTicks, nextRuns, type Schedule } from '@celeriac/schedule';
import { arrowHead, box, line, picture, tag, text, WIDTH, type Picture } from './svg.js';

const DAY = '2026-01-01T';
const HOURLY: Schedule = { type: 'crontab', crontab: '0 * * * *', timezone: 'UTC' };
/** The first and the last time that are shown. */
const [FIRST, LAST] = [at('06:00'), at('12:00')];
/** No beat runs from here to there. */
const [DOWN, UP] = [at('07:30'), at('11:30')];

const AXIS = { x: 62, end: WIDTH - 26, y: 50 } as const;
const ROW = 68;

/** One way to deal with what was missed. */
interface Row {
  missed: 'skip' | 'last' | 'all';
  /** The times for which a task is sent when a beat is there again. */
  madeUpFor: Date[];
}

/** What becomes of the times at which no beat was running, as {@link dueTicks} says it. */
export function missedPicture(): Picture {
  const rows = (['skip', 'last', 'all'] as const).map(rowOf);
  const height = AXIS.y + 30 + rows.length * ROW;
  return picture('Missed times', rows.map(sentence).join(' '), height, [
    ...drawDown(height),
    ...drawHours(),
    ...rows.flatMap((row, index) => drawRow(row, AXIS.y + 44 + index * ROW)),
  ]);
}

function rowOf(missed: Row['missed']): Row {
  const [nextRunAt = UP] = nextRuns(HOURLY, DOWN, 1);
  const entry = { schedule: HOURLY, startsAt: null, endsAt: null, oneOff: false, missed, nextRunAt };
  return { missed, madeUpFor: dueTicks(entry, UP).ticks };
}

function drawDown(height: number): string[] {
  const [x, end] = [xOf(DOWN), xOf(UP)];
  return [
    box(x, 14, end - x, height - 28, 'box', 4),
    text((x + end) / 2, 32, 'small quiet middle', 'no beat is running'),
  ];
}

function drawHours(): string[] {
  return times().map((time) => text(xOf(time), AXIS.y + 6, 'small quiet middle', clock(time)));
}

function drawRow({ missed, madeUpFor }: Row, y: number): string[] {
  return [
    text(14, y + 4.5, 'code strong', missed),
    line('line', `M${AXIS.x - 8} ${y}H${AXIS.end + 8}`),
    ...madeUpFor.flatMap((time) => drawMakingUp(time, y)),
    ...times().map((time) => dot(time, y, isMissed(time) ? 'box' : 'tip')),
    ...(madeUpFor.length === 0 ? [] : [dot(UP, y, 'tip')]),
    text((xOf(DOWN) + xOf(UP)) / 2, y + 22, 'small strong middle', tasksText(madeUpFor)),
  ];
}

/** From the time that was missed to the moment when its task is sent. */
function drawMakingUp(time: Date, y: number): string[] {
  const [x, end] = [xOf(time), xOf(UP)];
  const rise = 12 + (end - x) / 7;
  const path = `M${x} ${y - 6}C${x + 8} ${y - rise} ${end - 14} ${y - rise} ${end - 4} ${y - 11}`;
  return [line('way', path), arrowHead(end, y - 5, 55)];
}

function dot(time: Date, y: number, className: string): string {
  return tag('circle', { cx: xOf(time), cy: y, r: 4.5, class: className });
}

function tasksText(ticks: Date[]): string {
  if (ticks.length === 0) return 'nothing is sent';
  const [first, last] = [ticks[0], ticks.at(-1)].map((time) => clock(time ?? UP));
  return ticks.length === 1 ? `one task, for ${first}` : `${ticks.length} tasks, for ${first} to ${last}`;
}

function sentence({ missed, madeUpFor }: Row): string {
  return `An hourly entry whose beats were away from ${clock(DOWN)} to ${clock(UP)}, with ${missed}: ${tasksText(madeUpFor)}.`;
}

function times(): Date[] {
  const before = new Date(FIRST.getTime() - 1);
  return nextRuns(HOURLY, before, 24).filter((time) => time <= LAST);
}

function isMissed(time: Date): boolean {
  return time > DOWN && time < UP;
}

function xOf(time: Date): number {
  const share = (time.getTime() - FIRST.getTime()) / (LAST.getTime() - FIRST.getTime());
  return Math.round(AXIS.x + share * (AXIS.end - AXIS.x));
}

function at(time: string): Date {
  return new Date(`${DAY}${time}Z`);
}

function clock(time: Date): string {
  return time.toISOString().slice(11, 16);
}
