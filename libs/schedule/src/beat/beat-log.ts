import { sentOf, type DoneTick, type Round } from './round.js';

/** Where beat says what it does; Nest's Logger fits. */
export interface BeatLog {
  debug(message: string): void;
  log(message: string): void;
  warn(message: string): void;
}

/** Of a round with more, there is one line, and one for each at the level of debugging. */
const MOST_LINES = 10;

/** Says what a round has done. */
export function logRound(log: BeatLog, round: Round): void {
  const { ticks, disabled } = round;
  const isMany = ticks.length > MOST_LINES;
  for (const tick of ticks) {
    if (tick.outcome === 'refused') continue;
    if (isMany) log.debug(tickText(tick));
    else log.log(tickText(tick));
  }
  if (isMany) log.log(roundText(round));
  for (const { entry, problem } of disabled) log.warn(`Entry "${entry}" is disabled: ${problem}`);
}

function tickText({ entry, task, dueAt, outcome, taskId, lateMs }: DoneTick): string {
  const due = `due ${dueAt.toISOString()}`;
  if (outcome === 'sent') return `Sent ${task}[${taskId}] (entry "${entry}", ${due}, ${lateMs} ms late).`;
  const reason = outcome === 'held' ? `task ${taskId} (unique) is still there` : 'its last task has not ended';
  return `Not sent: ${reason} (${task}, entry "${entry}", ${due}).`;
}

function roundText(round: Round): string {
  const sent = sentOf(round);
  const latestMs = Math.max(0, ...sent.map(({ lateMs }) => lateMs));
  const others = round.ticks.length - sent.length;
  const rest = others === 0 ? '' : ` ${others} were due and not sent.`;
  return `Sent ${sent.length} tasks, the latest ${latestMs} ms late.${rest}`;
}
