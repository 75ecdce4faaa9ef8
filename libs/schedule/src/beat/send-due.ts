import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { dueTicks } from '../entry/due-ticks.js';
import type { Entry } from '../entry/entry.js';
import { toEntry } from '../store/entry-row.js';
import { takeDue, type DueEntry } from './due-entries.js';
import type { EntrySender, Sent } from '../sending/entry-sender.js';
import { correctTicks, moveOn, writeTicks, type Move, type Tick } from './move-on.js';
import type { DisabledEntry, DoneTick, Round, TickOutcome } from './round.js';

/** An entry that is due, with its times. */
interface Plan {
  entry: Entry;
  nextRunAt: Date | null;
  ticks: Tick[];
}

/** What became of one tick of an entry. */
interface Result {
  entry: Entry;
  tick: Tick;
  outcome: TickOutcome;
  /** Why the task cannot be sent. */
  problem: string | null;
}

/**
 * Sends the tasks of entries that are due, `limit` at most, in the caller's transaction: the ticks, the tasks, their
 * messages in the outbox, and when each entry is due next.
 *
 * @param onFound - told the names of the entries as soon as they are in hand
 * @returns what was done, as of when Postgres's clock was read
 */
export async function sendDue(
  manager: EntityManager,
  sender: EntrySender,
  limit: number,
  onFound: (names: string[]) => void,
): Promise<Round> {
  const clockReadAtMs = performance.now();
  const { now, nextInMs: othersInMs, entries } = await takeDue(manager, limit);
  onFound(entries.map(({ row }) => row.name));
  const planned = entries.map((due) => planOf(due, now));
  const plans = planned.filter((plan) => 'ticks' in plan);
  const broken = planned.filter((plan) => 'problem' in plan);
  const results = await send(manager, sender, plans);
  const byEntry = grouped(results);
  const moves = plans.map((plan) => moveOf(plan, byEntry.get(plan.entry.name) ?? []));
  await moveOn(manager, [
    ...moves,
    ...broken.map((entry) => ({ ...entry, nextRunAt: null, last: null, sentCount: 0 })),
  ]);
  return {
    found: entries.length,
    ticks: results.map((result) => doneTickOf(result, now)),
    disabled: [...moves, ...broken].flatMap(({ entry, problem }) => (problem === null ? [] : [{ entry, problem }])),
    nextInMs: soonest([
      othersInMs,
      ...moves.map(({ nextRunAt }) => (nextRunAt === null ? null : Number(nextRunAt) - Number(now))),
    ]),
    clockReadAtMs,
  };
}

function soonest(timesMs: ReadonlyArray<number | null>): number | null {
  const known = timesMs.filter((timeMs) => timeMs !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function planOf({ row, isRunning }: DueEntry, now: Date): Plan | DisabledEntry {
  try {
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
  } catch (error) {
    // Somebody has written what nobody thought of, a time at infinity for example. The others are not to wait for it.
    return { entry: row.name, problem: `it cannot be read: ${String(error)}` };
  }
}

/** Sends the tasks of those ticks that no beat has written before. */
async function send(manager: EntityManager, sender: EntrySender, plans: readonly Plan[]): Promise<Result[]> {
  const entries = new Map(plans.map(({ entry }) => [entry.name, entry]));
  const planned = plans.flatMap(({ ticks }) => ticks);
  const ours = (await writeTicks(manager, planned)).flatMap((tick) => {
    const entry = entries.get(tick.entry);
    return entry === undefined ? [] : [{ entry, tick }];
  });
  const sendings = ours.flatMap(({ entry, tick: { dueAt, taskId } }) =>
    taskId === null ? [] : [{ entry, dueAt, taskId }],
  );
  const sent = (await sender.send(manager, sendings)).values();
  const results = ours.map(({ entry, tick }): Result => {
    if (tick.taskId === null) return { entry, tick, outcome: 'skipped', problem: null };
    return { entry, ...resultOf(tick, sent.next().value) };
  });
  await correctTicks(
    manager,
    results.flatMap(({ tick, outcome }) => (outcome === 'held' || outcome === 'refused' ? [tick] : [])),
  );
  return results;
}

/** @returns the tick with the task that there is for it, and how that came about */
function resultOf(tick: Tick, sent: Sent | undefined): Omit<Result, 'entry'> {
  if (sent === undefined || 'problem' in sent) {
    return { tick: { ...tick, taskId: null }, outcome: 'refused', problem: sent?.problem ?? '' };
  }
  const { taskId, isNew } = sent;
  return { tick: { ...tick, taskId }, outcome: isNew ? 'sent' : 'held', problem: null };
}

function grouped(results: readonly Result[]): Map<string, Result[]> {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const group = groups.get(result.entry.name);
    if (group === undefined) groups.set(result.entry.name, [result]);
    else group.push(result);
  }
  return groups;
}

function moveOf({ entry, nextRunAt }: Plan, results: readonly Result[]): Move {
  const problem = results.find((result) => result.problem !== null)?.problem ?? null;
  const sent = results.filter(({ outcome }) => outcome === 'sent').map(({ tick }) => tick);
  const isOver = problem !== null || (entry.oneOff && sent.length > 0);
  return {
    entry: entry.name,
    nextRunAt: isOver ? null : nextRunAt,
    problem,
    last: sent.at(-1) ?? null,
    sentCount: sent.length,
  };
}

function doneTickOf({ entry: { name, task }, tick: { dueAt, taskId }, outcome }: Result, now: Date): DoneTick {
  return { entry: name, task, dueAt, outcome, taskId, lateMs: now.getTime() - dueAt.getTime() };
}
