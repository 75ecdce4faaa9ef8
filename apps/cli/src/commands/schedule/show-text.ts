import { countText } from '../../terminal/count-text.js';
import { distanceText } from '../../terminal/distance-text.js';
import { errorLine } from '../../terminal/error-text.js';
import { paintState } from '../../terminal/paint-state.js';
import { oneLine, printable } from '../../terminal/printable.js';
import { fields } from '../../terminal/table.js';
import type { Paint } from '../../terminal/terminal.js';
import { timeText } from '../../terminal/time-text.js';
import type { EntryDetails, LastTask } from './entry-details.js';
import { runsText } from './runs-text.js';

/** All of an entry; what it does not have is left out. */
export function detailsText(details: EntryDetails, paint: Paint, width: number): string {
  const { name, task, description, createdAt, totalRuns, lastRunAt, lastTask } = details;
  const entries: Array<[name: string, value: string]> = [
    ['name', oneLine(name)],
    ['description', printable(description)],
    ['task', oneLine(task)],
    ...sendingFields(details),
    ['schedule', scheduleText(details)],
    ['enabled', enabledText(details, paint)],
    ...timingFields(details),
    ['last due', lastRunAt === null ? 'not yet' : `${timeText(lastRunAt)} (${distanceText(lastRunAt, new Date())})`],
    ['last task', lastTask === null ? '' : lastTaskText(lastTask, paint)],
    ['runs', countText(totalRuns)],
    ['from', originText(details)],
    ['created', timeText(createdAt)],
  ];
  const shown = entries.filter(([, value]) => value !== '');
  return `${fields(shown, paint)}\n\n${runsText(details.nextRuns, paint, width)}`;
}

function sendingFields({ args, kwargs, options }: EntryDetails): Array<[string, string]> {
  return [
    ['args', args.length === 0 ? '' : jsonText(args)],
    ['kwargs', Object.keys(kwargs).length === 0 ? '' : jsonText(kwargs)],
    ...Object.entries(options).map(([option, value]): [string, string] => [
      option,
      typeof value === 'object' ? jsonText(value) : oneLine(String(value)),
    ]),
  ];
}

function timingFields({
  startsAt,
  endsAt,
  oneOff,
  missed,
  overlap,
  jitterSeconds,
}: EntryDetails): Array<[string, string]> {
  return [
    ['start', timeText(startsAt)],
    ['end', timeText(endsAt)],
    ['one-off', oneOff ? 'yes: disabled after its first run' : ''],
    ['missed', missed],
    ['overlap', overlap],
    ['jitter', jitterSeconds === 0 ? '' : countText(jitterSeconds, 'second')],
  ];
}

function scheduleText({ schedule, words }: EntryDetails): string {
  if (schedule === null || words === null) return 'none that can be used';
  const crontab = schedule.type === 'crontab' ? [`crontab ${schedule.crontab}`] : [];
  return [words.times, ...crontab, ...(words.clockChange === null ? [] : [words.clockChange])].join('\n');
}

function enabledText({ disabledReason, problem }: EntryDetails, paint: Paint): string {
  switch (disabledReason) {
    case null:
      return problem === null ? 'yes' : `yes, but ${paint('red', printable(problem))}`;
    case 'problem':
      return `no: ${paint('red', printable(problem ?? ''))}`;
    case 'ended':
      return 'no: it has run for the last time';
    case 'wanted':
      return 'no: somebody has disabled it';
  }
}

function lastTaskText({ id, isBroadcast, state, result, error }: LastTask, paint: Paint): string {
  if (isBroadcast) return `${id}\nof each worker that has run it: celeriac result ${id}@<worker>`;
  if (state === undefined) return `${id}\nforgotten: it ended longer ago than tasks are kept`;
  const shown = `${id} ${paintState(state, paint)}`;
  if (state === 'SUCCESS') return `${shown} ${jsonText(result)}`;
  return error === null || error === undefined ? shown : `${shown} ${errorLine(error)}`;
}

function originText({ declared, changed }: EntryDetails): string {
  if (declared === null) return 'the database';
  if (changed.length === 0) return 'the code';
  return `the code; changed in the database: ${changed.join(', ')}`;
}

function jsonText(value: unknown): string {
  return oneLine(JSON.stringify(value));
}
