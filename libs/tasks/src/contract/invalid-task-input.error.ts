/** One field of a task's input that its schema refused. */
export interface InputIssue {
  /** The field's path with dots, for example `to.0`; empty for the input as a whole. */
  path: string;
  message: string;
}

/** The input of a task does not fit its contract. Trying again cannot help. */
export class InvalidTaskInputError extends Error {
  override readonly name = 'InvalidTaskInputError';

  constructor(
    readonly taskName: string,
    readonly issues: InputIssue[],
  ) {
    const list = issues.map((issue) => `${issue.path || 'input'}: ${issue.message}`).join('; ');
    super(`The input of task ${taskName} was refused: ${list}`);
  }
}
