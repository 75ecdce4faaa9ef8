import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { dueTicks } from '../entry/due-ticks.js';
import type { Entry } from '../entry/entry.js';
import { toEntry } from '../store/entry-row.js';
import { takeDue, type DueEntry } from './due-entries.js';
import type { EntrySender } from './entry-sender.js';
import { correctTicks, moveOn, writeTicks, type Move, type Tick } from './move-on.js';

/** A task that was sent. */
export interface SentTick {
  entry: string;
  dueAt: Date;
  taskId: string;
  /** The task's name. */
  task: string;
  /** How long after it was due, in milliseconds. */
  lateMs: number;
}

/** An entry that was disabled, since it cannot be used as it is. */
export interface DisabledEntry {
  entry: string;
  problem: string;
}

/** What one round has done. */
export interface Round {
  /** The names of the entries that were due. */
  found: string[];
  sent: SentTick[];
  disabled: DisabledEntry[];
  /** In how many milliseconds the next entry is due; null: none ever is. */
  nextInMs: number | null;
}

/** An entry that is due, with its times. */
interface Plan {
  entry: Entry;
  nextRunAt: Date | null;
  ticks: Tick[];
}

/** What became of one tick of an entry. */
interface Outcome {
  entry: Entry;
  tick: Tick;
  /** Of the task that was sent; null when none was. */
  taskId: string | null;
  problem: string | null;
}

/**
 * Sends the tasks of entries that are due, `limit` at most, in the caller's transaction: the ticks, the tasks, their
 * messages in the outbox, and when each entry is due next.
 *
 * @param onFound - told the names of the entries as soon as they are in hand
 */
export async function sendDue(
  manager: EntityManager,
  sender: EntrySender,
  limit: number,
  onFound: (names: string[]) => void = () => undefined,
): Promise<Round> {
  const { now, nextInMs: othersInMs, entries } = await takeDue(manager, limit);
  const found = entries.map(({ row }) => row.name);
  onFound(found);
  const planned = entries.map((due) => planOf(due, now));
  const plans = planned.filter((plan) => 'ticks' in plan);
  const broken = planned.filter((plan) => 'problem' in plan);
  const outcomes = await send(manager, sender, plans);
  const byEntry = grouped(outcomes);
  const moves = plans.map((plan) => moveOf(plan, byEntry.get(plan.entry.name) ?? []));
  await moveOn(manager, [
    ...moves,
    ...broken.map((entry) => ({ ...entry, nextRunAt: null, last: null, sentCount: 0 })),
  ]);
  return {
    found,
    sent: outcomes.flatMap((outcome) => sentTickOf(outcome, now)),
    disabled: [...moves, ...broken].flatMap(({ entry, problem }) => (problem === null ? [] : [{ entry, problem }])),
    nextInMs: soonest([
      othersInMs,
      ...moves.map(({ nextRunAt }) => (nextRunAt === null ? null : Number(nextRunAt) - Number(now))),
    ]),
  };
}

function soonest(timesMs: ReadonlyArray<number | null>): number | null {
  const known = timesMs.filter((timeMs) => timeMs !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function planOf({ row, isRunning }: DueEntry, now: Date): Plan | DisabledEntry {
  const entry = toEntry(row);
  const { name, schedule, problem } = entry;
  if (schedule === null) return { entry: name, problem: problem ?? '' };
  const { ticks, nextRunAt } = dueTicks({ ...entry, schedule }, now);
  // Of several at once, each would be sent before the one before it has ended.
  const isSent = (dueAt: Date): boolean => entry.overlap === 'allow' || (!isRunning && dueAt === ticks.at(-1));
  return {
    entry,
    nextRunAt,
    ticks: ticks.map((dueAt) => ({ entry: name, dueAt, taskId: isSent(dueAt) ? uuidv7() : null })),
  };
}

/** Sends the tasks of those ticks that no beat has written before. */
async function send(manager: EntityManager, sender: EntrySender, plans: readonly Plan[]): Promise<Outcome[]> {
  const entries = new Map(plans.map(({ entry }) => [entry.name, entry]));
  const planned = plans.flatMap(({ ticks }) => ticks);
  const sendings = (await writeTicks(manager, planned)).flatMap((tick) => {
    const entry = entries.get(tick.entry);
    return entry === undefined || tick.taskId === null ? [] : [{ entry, tick, dueAt: tick.dueAt, taskId: tick.taskId }];
  });
  const sent = await sender.send(manager, sendings);
  const outcomes = sendings.map(({ entry, tick }, index) => {
    const outcome = sent[index];
    return { entry, tick, taskId: outcome?.taskId ?? null, problem: outcome?.problem ?? null };
  });
  const others = outcomes.filter(({ tick, taskId }) => tick.taskId !== taskId);
  await correctTicks(
    manager,
    others.map(({ tick, taskId }) => ({ ...tick, taskId })),
  );
  return outcomes;
}

function grouped(outcomes: readonly Outcome[]): Map<string, Outcome[]> {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const group = groups.get(outcome.entry.name);
    if (group === undefined) groups.set(outcome.entry.name, [outcome]);
    else group.push(outcome);
  }
  return groups;
}

function moveOf({ entry, nextRunAt }: Plan, outcomes: readonly Outcome[]): Move {
  const problem = outcomes.find((outcome) => outcome.problem !== null)?.problem ?? null;
  const sent = outcomes.flatMap(({ tick, taskId }) => (taskId === null ? [] : [{ ...tick, taskId }]));
  return {
    entry: entry.name,
    nextRunAt: problem === null ? nextRunAt : null,
    problem,
    last: sent.at(-1) ?? null,
    sentCount: sent.length,
  };
}

function sentTickOf({ entry: { name, task }, tick: { dueAt }, taskId }: Outcome, now: Date): SentTick[] {
  return taskId === null ? [] : [{ entry: name, dueAt, taskId, task, lateMs: now.getTime() - dueAt.getTime() }];
}
