import type { TaskContract } from './define-task.js';

interface Arguments {
  args: unknown[];
  kwargs: Record<string, unknown>;
}

/** What is shown in place of a secret value. */
export const HIDDEN = '***';

/**
 * @param paths - of the fields to hide, such as `card.number`; of a list, that field of each item
 * @returns the value with those fields hidden; what is not on the way to one is the same object
 */
export function hideSecrets<Value>(value: Value, paths: readonly string[]): Value {
  return paths.reduce((shown, path) => hide(shown, path.split('.')) as Value, value);
}

/** @returns whether the field is secret, or holds something that is, or is part of something that is */
export function touchesSecret(field: ReadonlyArray<string>, paths: readonly string[]): boolean {
  const names = field.filter((name) => !/^\d+$/.test(name));
  return paths.some((path) =>
    path.split('.').every((name, index) => names[index] === undefined || names[index] === name),
  );
}

/** @returns the arguments of a call as they may be shown: positional ones go by the names that the contract has */
export function shownArguments(
  { args: names, secret = [] }: Pick<TaskContract, 'args' | 'secret'>,
  { args, kwargs }: Arguments,
): Arguments {
  const shownArg = (value: unknown, index: number): unknown => {
    const name = names[index];
    return name === undefined ? value : hideSecrets({ [name]: value }, secret)[name];
  };
  return { args: args.map(shownArg), kwargs: hideSecrets(kwargs, secret) };
}

function hide(value: unknown, [name, ...rest]: string[]): unknown {
  if (name === undefined) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => hide(item, [name, ...rest]));
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return value;
  return { ...value, [name]: hide((value as Record<string, unknown>)[name], rest) };
}
