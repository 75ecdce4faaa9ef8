/** A class of errors, to be matched by `instanceof`. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * What a task's errors mean, by their class. The names and meanings are Celery's (`celery/app/autoretry.py`,
 * `celery/app/task.py`).
 */
export interface ErrorRules {
  /** Try again after these errors only. @defaultValue every error but those of `throws` */
  readonly autoretryFor?: readonly ErrorClass[];
  /** Never try again after these, whatever `autoretryFor` says. @defaultValue none */
  readonly dontAutoretryFor?: readonly ErrorClass[];
  /**
   * Errors that belong to the task's ordinary life: its FAILURE is one line of the log, no error there.
   * @defaultValue none
   */
  readonly throws?: readonly ErrorClass[];
}

/** @returns whether the rules let a task be tried again after this error */
export function mayAutoretry(rules: ErrorRules, thrown: unknown): boolean {
  if (isOneOf(rules.dontAutoretryFor, thrown)) return false;
  return rules.autoretryFor === undefined ? !isExpected(rules, thrown) : isOneOf(rules.autoretryFor, thrown);
}

/** @returns whether the rules count this error as an expected one */
export function isExpected(rules: ErrorRules, thrown: unknown): boolean {
  return isOneOf(rules.throws, thrown);
}

function isOneOf(classes: readonly ErrorClass[] | undefined, thrown: unknown): boolean {
  return classes?.some((errorClass) => thrown instanceof errorClass) ?? false;
}
