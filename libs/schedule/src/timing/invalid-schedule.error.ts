/** One field of a schedule that cannot be used. */
export interface ScheduleIssue {
  /** The field; empty for the schedule as a whole. */
  field: string;
  problem: string;
}

/** A schedule makes no sense. The text names each field, what is wrong with it and what is expected. */
export class InvalidScheduleError extends Error {
  override readonly name = 'InvalidScheduleError';

  constructor(readonly issues: ScheduleIssue[]) {
    super(`The schedule cannot be used: ${issues.map(issueText).join('; ')}.`);
  }
}

/** @returns an issue as one line */
export function issueText({ field, problem }: ScheduleIssue): string {
  return field === '' ? problem : `${field}: ${problem}`;
}
