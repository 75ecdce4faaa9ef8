import type { TaskContract } from './define-task.js';
import { InvalidTaskInputError } from './invalid-task-input.error.js';

/**
 * The input of a call: its keyword arguments, and its positional ones under the names that the contract has for them,
 * as Python binds the arguments of a function.
 *
 * @throws {@link InvalidTaskInputError} for more positional arguments than names, or a name that is given twice
 */
export function bindArgs(
  { name, args: names }: Pick<TaskContract, 'name' | 'args'>,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (args.length > names.length) {
    const expected = names.length === 0 ? 'keyword arguments only' : `at most ${names.length} (${names.join(', ')})`;
    const issue = { path: 'args', message: `expected ${expected}, got ${args.length} positional` };
    throw new InvalidTaskInputError(name, [issue]);
  }
  const bound = args.map((value, index) => [names[index] as string, value] as const);
  const twice = bound.filter(([key]) => Object.hasOwn(kwargs, key));
  if (twice.length > 0) {
    const issues = twice.map(([path]) => ({ path, message: 'given twice, by position and by name' }));
    throw new InvalidTaskInputError(name, issues);
  }
  return { ...kwargs, ...Object.fromEntries(bound) };
}
