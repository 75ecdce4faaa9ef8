import { SnoozeTaskError } from '@celeriac/tasks';
import { MailNotSentError, MailSetUpError } from '../transports/mail-not-sent.error.js';
import type { MailServerTrouble } from '../store/mail-server-trouble.js';
import { orPutOff } from './store-away.js';

/**
 * A mail that finds the gate closed comes again after so many seconds, and at random up to twice as many. When the gate
 * opens it is woken; this is for one that was just being put off then.
 */
const SNOOZE_SECONDS = 120;

/** What the gate says to whoever runs the app. */
export interface GateLog {
  log(message: string): void;
  error(message: string): void;
}

/**
 * Lets mails through to the mail server while it takes any from us. When it refuses us (a wrong password, say), mails
 * wait without using up attempts, and one at a time, over all workers, is a probe; the trouble stands in Postgres, where
 * the pages find it. The first mail of a process is a probe too: a wrong set-up is met once, not once for each place
 * that the worker has.
 */
export class MailServerGate {
  private state: 'unproven' | 'open' | 'closed' = 'unproven';
  private probing: Promise<void> | undefined;

  constructor(
    private readonly trouble: MailServerTrouble,
    private readonly log: GateLog,
    /** Has the mails come again that wait, or so many of them. */
    private readonly wakeMails: (limit?: number) => Promise<void>,
    private readonly random: () => number = Math.random,
  ) {}

  /** At a worker's start, when the settings may be others: has one of the waiting mails try at once. */
  async start(): Promise<void> {
    if (await this.trouble.expedite()) await this.wakeMails(1);
  }

  /**
   * @param send - hands a mail to the server, and says as soon as the server has let it in: whatever becomes of this
   * mail then, others can follow
   * @throws SnoozeTaskError when the gate is closed, or `send` closes it with a {@link MailSetUpError}
   */
  async pass<Result>(send: (letIn: () => void) => Promise<Result>): Promise<Result> {
    while (this.state !== 'open') {
      if (this.probing === undefined) return this.probe(send);
      await this.probing;
      if (this.isClosed) throw this.closed();
    }
    try {
      return await send(() => undefined);
    } catch (error) {
      throw error instanceof MailSetUpError ? await this.closedBy(error, false) : error;
    }
  }

  /** What others set while one waited. */
  private get isClosed(): boolean {
    return this.state === 'closed';
  }

  private async probe<Result>(send: (letIn: () => void) => Promise<Result>): Promise<Result> {
    let done = (): void => undefined;
    this.probing = new Promise<void>((resolve) => (done = resolve)).then(() => (this.probing = undefined));
    try {
      const permit = await orPutOff(this.trouble.takeProbe());
      if (permit === 'wait') throw this.closed();
      const isTroubled = permit === 'probe';
      return await this.sendAsProbe(send, isTroubled, () => this.open(isTroubled).then(done));
    } finally {
      done();
    }
  }

  private async sendAsProbe<Result>(
    send: (letIn: () => void) => Promise<Result>,
    isTroubled: boolean,
    open: () => Promise<void>,
  ): Promise<Result> {
    let opened: Promise<void> | undefined;
    const letIn = (): Promise<void> => (opened ??= open());
    try {
      const result = await send(() => void letIn());
      await letIn();
      return result;
    } catch (error) {
      if (error instanceof MailSetUpError) throw await this.closedBy(error, true);
      // A server that is away says nothing of our set-up; one that has looked at the mail does.
      if (!isTroubled || hasLookedAtMail(error)) await letIn();
      throw error;
    }
  }

  /** What became of the mail itself counts more than the trouble, which the next mail can clear as well. */
  private async open(isTroubled: boolean): Promise<void> {
    try {
      if (isTroubled) await this.trouble.clear();
    } catch (error) {
      this.log.error(`The mail server takes our mails again, but that could not be written down: ${String(error)}`);
      return;
    }
    this.state = 'open';
    if (!isTroubled) return;
    this.log.log('The mail server takes our mails again.');
    // Not waited for: there may be many, and the answer to this mail is to be written down.
    this.wakeMails().catch((error: unknown) => this.log.error(`The mails that wait are not woken: ${String(error)}`));
  }

  /** @param isProbe - this mail was the one that tried; others may have been under way with it */
  private async closedBy({ message: problem, advice }: MailSetUpError, isProbe: boolean): Promise<SnoozeTaskError> {
    const snooze = this.closed();
    const pauseSeconds = await orPutOff(this.trouble.report({ problem, advice }, isProbe));
    if (pauseSeconds === null) return snooze;
    this.log.error(
      `The mail server refuses us: ${problem}. ${advice} Mails wait; the next one tries in ${pauseSeconds} s.`,
    );
    // The one that tried is the one that tries again.
    return new SnoozeTaskError(snooze.message, pauseSeconds);
  }

  private closed(): SnoozeTaskError {
    this.state = 'closed';
    return new SnoozeTaskError('The mail server refuses us at the moment.', SNOOZE_SECONDS * (1 + this.random()));
  }
}

function hasLookedAtMail(error: unknown): boolean {
  if (!(error instanceof MailNotSentError)) return false;
  return error.reason !== 'temporary' || error.rejected.length > 0;
}
