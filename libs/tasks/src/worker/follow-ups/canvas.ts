import {
  InvalidSignatureError,
  readSignature,
  readSignatureOptions,
  signatureList,
  type ResultTuple,
  type Signature,
  type SignatureOptions,
} from '../../protocol/index.js';
import type { Waiter } from '../../store/result-letter.js';

/** One task that a signature stands for. */
export interface CanvasTask {
  id: string;
  name: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
  options: SignatureOptions;
  /** What remains of the chain that it is in, the next one last; null outside of any. */
  chain: unknown[] | null;
}

/** What a signature stands for, and how a result message lists it. */
export interface Canvas {
  tasks: CanvasTask[];
  trail: ResultTuple;
}

/** What a signature gets from where it stands. */
export interface Surroundings {
  /** Put before its args, unless it is immutable: the result of the task before it. */
  prepended: unknown[];
  chain: unknown[] | null;
  /** Those that it does not have itself. */
  options: Record<string, unknown>;
}

const CHORD = 'is a chord, or needs one: these need a Redis result backend and workers of Celery';

/**
 * The tasks that are to be sent for a signature: itself, the members of a group, or the first of a chain, which
 * carries the rest. Source: `celery/canvas.py`.
 *
 * @throws {@link InvalidSignatureError} when it, or a part of it, is none, or cannot be sent by us
 */
export function expandSignature(value: unknown, surroundings: Surroundings, newId: () => string): Canvas {
  const signature = readSignature(value);
  const { immutable, args } = signature;
  const around = { ...surroundings, prepended: immutable ? args : [...surroundings.prepended, ...args] };
  const whole = { ...signature, options: { ...surroundings.options, ...signature.options } };
  switch (signature.task) {
    case 'celery.chain':
      return expandChain(whole, around, newId);
    case 'celery.group':
      return expandGroup(whole, around, newId);
    case 'celery.chord':
      throw new InvalidSignatureError('', CHORD);
    default:
      return oneTask(whole, around, newId);
  }
}

function oneTask(signature: Signature, { prepended: args, chain }: Surroundings, newId: () => string): Canvas {
  const options = readSignatureOptions(signature.options);
  const id = options.taskId ?? newId();
  const { task: name, kwargs } = signature;
  return { tasks: [{ id, name, args, kwargs, options, chain: chain ?? options.chain }], trail: [[id, null], null] };
}

function expandGroup(group: Signature, around: Surroundings, newId: () => string): Canvas {
  // What comes after all members of a group is the body of a chord.
  if ((around.chain ?? []).length > 0) throw new InvalidSignatureError('', CHORD);
  const { task_id: _, ...options } = group.options;
  const groupId = readSignatureOptions(group.options).taskId ?? newId();
  const members = tasksOf(group).map((member) =>
    expandSignature(member, { ...around, options: { ...options, group_id: groupId } }, newId),
  );
  return {
    tasks: members.flatMap(({ tasks }) => tasks),
    trail: [[groupId, null], members.map(({ trail }) => trail)],
  };
}

/** The id, group and callbacks of a chain are those of its last task, its errbacks are everybody's. */
function expandChain(chain: Signature, around: Surroundings, newId: () => string): Canvas {
  const { task_id, group_id, link, link_error, ...options } = chain.options;
  const tasks = tasksOf(chain);
  const [first, ...rest] = tasks.map((task, index) =>
    withOptions(task, index < tasks.length - 1 ? { link_error } : { link_error, link, task_id, group_id }),
  );
  if (first === undefined) throw new InvalidSignatureError('kwargs.tasks', 'must not be empty');
  return expandSignature(first, { ...around, chain: [...(around.chain ?? []), ...rest.toReversed()], options }, newId);
}

/** The signature with those options, where it does not have them; to callbacks they are added. */
function withOptions(value: unknown, { link, link_error, ...options }: Record<string, unknown>): Signature {
  const signature = readSignature(value);
  const callbacks = Object.entries({ link, link_error })
    .map(
      ([name, added]) => [name, [signature.options[name], added].flatMap((list) => signatureList(list) ?? [])] as const,
    )
    .filter(([, all]) => all.length > 0);
  return {
    ...(value as object),
    ...signature,
    options: { ...options, ...signature.options, ...Object.fromEntries(callbacks) },
  };
}

function tasksOf({ kwargs }: Signature): unknown[] {
  const { tasks } = kwargs;
  if (Array.isArray(tasks)) return tasks;
  throw new InvalidSignatureError('kwargs.tasks', 'must be an array');
}

/** Who waits for the tasks of these signatures, within groups and chains too. What is no signature is passed over. */
export function waitersOf(signatures: readonly unknown[]): Waiter[] {
  return signatures.flatMap((value) => {
    try {
      const { kwargs, options } = readSignature(value);
      const { taskId: id, replyTo } = readSignatureOptions(options);
      if (id !== null && replyTo !== null) return [{ id, replyTo, correlationId: null }];
      return waitersOf(
        [kwargs['tasks'], kwargs['header'], kwargs['body']].flatMap((inner) => signatureList(inner) ?? []),
      );
    } catch {
      return [];
    }
  });
}
