import { setTimeout as sleep } from 'node:timers/promises';
import type { FormClient } from './form-client.js';
import { formOf } from './forms.js';

/** How many forms are sent at a time at most: users who have the page open. */
const LANES = 64;
/** So many forms wait until the faults are over, so that there is a mail for the last of them to recover by. */
const LAST_FORMS = 10;

export interface LoadOptions {
  seed: number;
  mails: number;
  durationMs: number;
  client: FormClient;
  signal: AbortSignal;
  /** Resolves when all faults have been mended. */
  faultsOver: Promise<unknown>;
}

/** A form that was accepted. */
export interface AcceptedForm {
  mailId: string;
  atMs: number;
}

/** Sends forms at an even pace. What was held up is caught up with. */
export class Load {
  /** By the number of the form. */
  readonly accepted = new Map<number, AcceptedForm>();
  private next = 1;

  constructor(private readonly options: LoadOptions) {}

  /** Resolves when every form has been accepted. */
  async run(): Promise<void> {
    const startedAtMs = performance.now();
    await Promise.all(Array.from({ length: LANES }, () => this.sendMany(startedAtMs)));
  }

  private async sendMany(startedAtMs: number): Promise<void> {
    const { seed, mails, durationMs, client, signal, faultsOver } = this.options;
    while (this.next <= mails && !signal.aborted) {
      const number = this.next;
      this.next += 1;
      const dueMs = startedAtMs + (number / mails) * durationMs;
      await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(() => undefined);
      if (number > mails - LAST_FORMS) await faultsOver;
      const mailId = await client.send(formOf(seed, number));
      if (mailId !== null) this.accepted.set(number, { mailId, atMs: performance.now() });
    }
  }
}
