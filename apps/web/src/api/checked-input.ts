import { StandardSchemaValidationPipe } from '@nestjs/common';
import { BadInputError, type InputProblem } from '../http/bad-input.error.js';

/** An issue as a Standard Schema reports it; zod's say more of a union. */
interface Issue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
  /** Of a union: the issues of each of its parts, with paths that start at the union. */
  readonly errors?: readonly Issue[][];
  /** Names that are not known. */
  readonly keys?: readonly string[];
}

/** Checks a body against the schema of its parameter. @throws BadInputError (422) */
export const checkedBody = new StandardSchemaValidationPipe({
  exceptionFactory: (issues) =>
    new BadInputError(
      422,
      issues.flatMap((issue) => bodyProblems(issue)),
    ),
});

/** Checks the query or a header against the schema of its parameter. @throws BadInputError (400) */
export const checkedQuery = new StandardSchemaValidationPipe({
  exceptionFactory: (issues) => new BadInputError(400, issues.flatMap(queryProblems)),
});

function queryProblems(issue: Issue): InputProblem[] {
  if (issue.keys !== undefined) {
    return issue.keys.map((name) => ({ parameter: name, detail: `There is no parameter “${name}”.` }));
  }
  return [{ parameter: keysOf(issue).join('.'), detail: issue.message }];
}

function bodyProblems(issue: Issue, parent: string[] = []): InputProblem[] {
  const keys = [...parent, ...keysOf(issue)];
  // Of a union: what is wrong with the part that was meant, when the kind of value (a list, a text) says which it was.
  const meant = issue.errors?.find(([first]) => first !== undefined && !isWrongKind(first));
  if (meant !== undefined) return meant.flatMap((inner) => bodyProblems(inner, keys));
  return [{ pointer: pointerTo(keys), detail: issue.message }];
}

function isWrongKind(issue: Issue): boolean {
  return 'code' in issue && issue.code === 'invalid_type' && keysOf(issue).length === 0;
}

function keysOf({ path = [] }: Issue): string[] {
  return path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
}

function pointerTo(keys: string[]): string {
  return ['#', ...keys.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')))].join('/');
}
