import type { TaskContract } from '../contract/define-task.js';
import { namesOf } from '../contract/schema-issue.js';
import { InvalidTaskOutputError } from './task-errors.js';

/**
 * Checks what a handler returned against the contract's output schema, if it has one.
 *
 * @returns the schema's output
 * @throws {@link InvalidTaskOutputError} with the path of each bad field
 */
export async function checkOutput(contract: Pick<TaskContract, 'name' | 'output'>, value: unknown): Promise<unknown> {
  if (contract.output === undefined) return value;
  const result = await contract.output['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ path, message }) => ({ path: namesOf(path).join('.'), message }));
  throw new InvalidTaskOutputError(contract.name, issues);
}
