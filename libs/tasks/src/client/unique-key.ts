import { createHash } from 'node:crypto';
import type { TaskContract } from '../contract/define-task.js';
import { END_STATES } from '../contract/task-state.js';
import type { UniqueKey } from '../store/unique-key.js';

const IDEMPOTENT_FOR_MS = 24 * 3600 * 1000;

/** @returns the key under which the input is the same task as others; null when each call is a task of its own */
export function uniqueKeyOf<Input>(
  contract: Pick<TaskContract<Input>, 'name' | 'uniqueFor' | 'uniqueStates' | 'uniqueKey'>,
  input: Input,
): UniqueKey | null {
  const { name, uniqueFor, uniqueStates } = contract;
  if (uniqueFor === null) return null;
  const chosen = contract.uniqueKey === undefined ? input : contract.uniqueKey(input);
  if (chosen === undefined) throw new TypeError(`The uniqueKey of task ${name} says nothing of this input.`);
  return { key: hash(['unique', name, chosen]), forMs: uniqueFor * 1000, endStates: uniqueStates };
}

/** @returns the key that a caller chose for one call, which stays taken whatever becomes of the task */
export function idempotencyKeyOf(taskName: string, idempotencyKey: string): UniqueKey {
  return { key: hash(['idempotency', taskName, idempotencyKey]), forMs: IDEMPOTENT_FOR_MS, endStates: END_STATES };
}

function hash(parts: unknown): Buffer {
  return createHash('sha256').update(canonicalJson(parts)).digest();
}

/** JSON in which the order of an object's keys makes no difference. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}
