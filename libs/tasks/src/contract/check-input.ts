import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { TaskContract } from './define-task.js';
import { InvalidTaskInputError } from './invalid-task-input.error.js';
import { namesOf, type SchemaIssue } from './schema-issue.js';
import { touchesSecret } from './secrets.js';

/**
 * Checks a value against the contract's input schema.
 *
 * @returns the schema's output (defaults filled in, unknown keys as the schema decides)
 * @throws {@link InvalidTaskInputError} with the path of each bad field
 */
export async function checkInput<Input>(
  contract: Pick<TaskContract<Input>, 'name' | 'input' | 'secret'>,
  value: unknown,
): Promise<Input> {
  const result = await contract.input['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const { secret = [] } = contract;
  throw new InvalidTaskInputError(
    contract.name,
    result.issues.map((issue) => inputIssue(issue, secret)),
  );
}

/** Some libraries' messages quote the value: of one that is secret, nothing is said but where it is. */
function inputIssue({ path, message }: StandardSchemaV1.Issue, secret: readonly string[]): SchemaIssue {
  const names = namesOf(path);
  const isSecret = secret.length > 0 && touchesSecret(names, secret);
  return { path: names.join('.'), message: isSecret ? 'is not as it should be (it is secret)' : message };
}
