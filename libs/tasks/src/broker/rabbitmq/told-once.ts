import type { BrokerLog } from './broker-log.js';

/** Warns of each thing once for as long as it stays the same, however often it is met. */
export class ToldOnce {
  private readonly told = new Map<string, string>();

  constructor(private readonly log: BrokerLog) {}

  /** @param subject - what the line is about, such as `queue "mail"` */
  warn(subject: string, line: string): void {
    if (this.told.get(subject) === line) return;
    this.told.set(subject, line);
    this.log.warn(line);
  }

  /** It is well again: the next warning is news. @returns whether it was not */
  forget(subject: string): boolean {
    return this.told.delete(subject);
  }
}
