import type { StandardSchemaV1 } from '@standard-schema/spec';

/** One field of a task's input or output that its schema refused. */
export interface SchemaIssue {
  /** The field's path with dots, for example `to.0`; empty for the value as a whole. */
  path: string;
  message: string;
}

/** The names on the way to a field; some libraries wrap each in an object. */
export function namesOf(path: StandardSchemaV1.Issue['path']): string[] {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
}

/** @param whole - what to call the value as a whole */
export function issueList(issues: readonly SchemaIssue[], whole: string): string {
  return issues.map(({ path, message }) => `${path || whole}: ${message}`).join('; ');
}
