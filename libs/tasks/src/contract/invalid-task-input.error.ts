import { issueList, type SchemaIssue } from './schema-issue.js';

/** The input of a task does not fit its contract. Trying again cannot help. */
export class InvalidTaskInputError extends Error {
  override readonly name = 'InvalidTaskInputError';

  constructor(
    readonly taskName: string,
    readonly issues: SchemaIssue[],
  ) {
    super(`The input of task ${taskName} was refused: ${issueList(issues, 'input')}`);
  }

  /** @returns the same error of one call among several: its paths begin with `[index]` */
  ofCall(index: number): InvalidTaskInputError {
    const issues = this.issues.map(({ path, message }) => ({ path: `[${index}]${path && `.${path}`}`, message }));
    return new InvalidTaskInputError(this.taskName, issues);
  }
}
