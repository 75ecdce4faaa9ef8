import { issueText, type ScheduleIssue } from '../timing/invalid-schedule.error.js';

/** A periodic task makes no sense. The text names each field, what is wrong with it and what is expected. */
export class InvalidEntryError extends Error {
  override readonly name = 'InvalidEntryError';

  constructor(
    readonly entry: string,
    readonly issues: ScheduleIssue[],
  ) {
    super(`Entry "${entry}" cannot be used: ${issues.map(issueText).join('; ')}.`);
  }
}
