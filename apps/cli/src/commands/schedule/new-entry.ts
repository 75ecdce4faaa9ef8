import type { IntervalPeriod, NewEntry } from '@celeriac/schedule';
import { CommandError } from '../../command.error.js';
import { ExitCode } from '../../exit-code.js';
import { flagOf } from '../../input/flag-of.js';

/** What `celeriac schedule add` is told. */
export interface AddOptions {
  crontab?: string;
  timezone?: string;
  every?: { every: number; period: IntervalPeriod };
  at?: Date;
  solar?: string;
  latitude?: number;
  longitude?: number;
  args: unknown[];
  kwargs: Record<string, unknown>;
  queue?: string;
  priority?: number;
  headers?: Record<string, unknown>;
  /** Seconds. */
  expires?: number;
  start?: Date;
  end?: Date;
  oneOff?: true;
  missed?: string;
  overlap?: string;
  /** Seconds. */
  jitter?: number;
  description?: string;
  disabled?: true;
}

const KINDS = ['crontab', 'every', 'at', 'solar'] as const;
/** The kind of schedule that an option is of. */
const KIND_OF = { timezone: 'crontab', latitude: 'solar', longitude: 'solar' } as const;

/** Where an option is called otherwise than its field. */
const OPTIONS: Readonly<Record<string, keyof AddOptions>> = {
  event: 'solar',
  period: 'every',
  startsAt: 'start',
  endsAt: 'end',
  jitterSeconds: 'jitter',
};

/**
 * @param zone - of a crontab for which the options name none
 * @returns the entry that the options ask for; whether it makes sense is for `ScheduleBook` to say
 * @throws {@link CommandError} when they do not say when it is due, or say it twice
 */
export function newEntry(name: string, task: string, options: AddOptions, zone: string): NewEntry {
  const { args, kwargs, queue, priority, headers, expires, start, end, jitter, ...rest } = options;
  return {
    name,
    task,
    args,
    kwargs,
    options: { queue, priority, headers, expires },
    schedule: scheduleOf(options, zone),
    enabled: rest.disabled !== true,
    description: rest.description,
    startsAt: start,
    endsAt: end,
    oneOff: rest.oneOff,
    missed: rest.missed,
    overlap: rest.overlap,
    jitterSeconds: jitter,
    // Words that are none are refused with those that there are.
  } as NewEntry;
}

/** @returns the option that a field of an entry comes from, or the argument */
export function sourceOf(field: string, options: AddOptions): string {
  const [first = '', ...path] = field.split('.');
  if (first === 'name' || first === 'task') return first;
  if (first === 'args' || first === 'kwargs') return `${flagOf(first)} ${path.join('.')}`.trimEnd();
  const own = first === 'schedule' || first === 'options' ? (path[0] ?? kindOf(options)) : first;
  return flagOf(OPTIONS[own] ?? own);
}

/** Not checked: a place that lacks its longitude is refused with the rest. */
function scheduleOf(options: AddOptions, zone: string): unknown {
  const { crontab, timezone = zone, every, at, solar: event, latitude, longitude, start } = options;
  const kind = kindOf(options);
  for (const [option, owner] of Object.entries(KIND_OF)) {
    if (options[option as keyof typeof KIND_OF] === undefined || owner === kind) continue;
    throw new CommandError(ExitCode.usage, `${flagOf(option)} is of ${flagOf(owner)}: leave it out.`);
  }
  switch (kind) {
    case 'crontab':
      return { type: kind, crontab, timezone };
    case 'every':
      return { type: 'interval', ...every, from: start ?? thisSecond() };
    case 'at':
      return { type: 'clocked', at };
    case 'solar':
      return { type: kind, event, latitude, longitude };
  }
}

function kindOf(options: AddOptions): (typeof KINDS)[number] {
  const [kind, another] = KINDS.filter((each) => options[each] !== undefined);
  if (kind !== undefined && another === undefined) return kind;
  throw new CommandError(ExitCode.usage, `When is it due? Expected one of ${KINDS.map(flagOf).join(', ')}.`);
}

function thisSecond(): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000);
}
