import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadForm } from '../fixtures/form.js';
import type { SoakForm } from './forms.js';
import { Random } from './random.js';

const ANSWER_TIMEOUT_MS = 15_000;
const PAUSE_MS = 300;

interface Answer {
  status: number;
  location: string;
}

/**
 * Sends forms as patient users do: whatever goes wrong, the same form with the same hidden key is sent again, to any of
 * the web processes, until it is accepted.
 */
export class FormClient {
  /** Answers that a user should never see: neither 303, nor 503 while Postgres is away. By status, with their number. */
  readonly strangeAnswers = new Map<number, number>();
  private readonly agent = new Agent({ keepAlive: true });
  private visitor: Promise<{ cookie: string; csrfToken: string }> | undefined;

  private readonly random: Random;

  constructor(
    private readonly webUrls: readonly string[],
    seed: number,
    private readonly signal: AbortSignal,
  ) {
    this.random = new Random('client', seed);
  }

  /**
   * @returns the mail's id; null when the run was cut short
   * @throws Error when the form itself is found wrong
   */
  async send(form: SoakForm): Promise<string | null> {
    while (!this.signal.aborted) {
      // The process may be away, or die with the form in its hands: then there is no answer.
      const answer = await this.post(this.random.pick(this.webUrls), form).catch(() => null);
      if (answer?.status === 303) return answer.location.replace(/.*\/mails\//, '');
      if (answer?.status === 422) throw new Error(`The form ${form.key} is found wrong.`);
      if (answer !== null) this.note(answer.status);
      await sleep(PAUSE_MS, undefined, { signal: this.signal }).catch(() => undefined);
    }
    return null;
  }

  close(): void {
    this.agent.destroy();
  }

  private note(status: number): void {
    // The token of a form that is out of date: a user would load it again.
    if (status === 403) this.visitor = undefined;
    if (status !== 503) this.strangeAnswers.set(status, (this.strangeAnswers.get(status) ?? 0) + 1);
  }

  private async post(webUrl: string, form: SoakForm): Promise<Answer> {
    this.visitor ??= loadForm(webUrl);
    const { cookie, csrfToken } = await this.visitor.catch((error: unknown) => {
      this.visitor = undefined;
      throw error;
    });
    const { key, recipients, subject, message } = form;
    const body = new URLSearchParams({
      _csrf: csrfToken,
      idempotencyKey: key,
      email: recipients.join(', '),
      subject,
      msg: message,
    }).toString();
    return new Promise<Answer>((resolve, reject) => {
      const headers = {
        cookie,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      };
      const options = { method: 'POST', agent: this.agent, headers, timeout: ANSWER_TIMEOUT_MS, signal: this.signal };
      const posted = request(`${webUrl}/sendmail/`, options, (response) => {
        response.resume().once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '' }),
        );
      });
      posted.once('error', reject).once('timeout', () => posted.destroy(new Error('There was no answer.')));
      posted.end(body);
    });
  }
}
