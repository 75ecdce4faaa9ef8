import type { TaskContract } from './define-task.js';
import { InvalidTaskInputError } from './invalid-task-input.error.js';

/**
 * Checks a value against the contract's input schema.
 *
 * @returns the schema's output (defaults filled in, unknown keys as the schema decides)
 * @throws {@link InvalidTaskInputError} with the path of each bad field
 */
export async function checkInput<Input>(contract: TaskContract<Input>, value: unknown): Promise<Input> {
  const result = await contract.input['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message }));
  throw new InvalidTaskInputError(contract.name, issues);
}

function pathText(path: ReadonlyArray<PropertyKey | { key: PropertyKey }> | undefined): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
