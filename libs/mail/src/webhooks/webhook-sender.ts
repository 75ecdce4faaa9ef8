import type { WebhookOptions } from '../events/mail-events-options.js';
import type { DeliverWebhook } from './deliver-webhook.js';
import { retryAfterSeconds } from './retry-after.js';
import { signWebhook } from './sign-webhook.js';
import { WebhookFailedError, WebhookRefusedError } from './webhook-errors.js';

/** Standard Webhooks says 15 to 30. */
const TIMEOUT_MS = 15_000;
const TIMEOUT_ERROR = 'TimeoutError';
/** The endpoint wants no more of them. */
const GONE = 410;

/** Posts events to endpoints, signed. What an endpoint answers is not read, but for its status. */
export class WebhookSender {
  constructor(
    private readonly options: Pick<WebhookOptions, 'urls' | 'secret'>,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /**
   * @param signal - ends it early
   * @returns the status
   * @throws {@link WebhookFailedError} when the endpoint cannot be reached, or answers with anything but 2xx
   * @throws {@link WebhookRefusedError} when it is gone for good
   */
  async send({ url, event }: DeliverWebhook, signal: AbortSignal): Promise<number> {
    // The rest of an address may hold a token, which has no place in a log.
    const { host } = new URL(url);
    if (!this.options.urls.includes(url)) {
      throw new WebhookRefusedError(`${host} is no endpoint any more: it was taken out of the settings.`);
    }
    const response = await this.post(url, event, signal).catch((error: unknown) => {
      throw new WebhookFailedError(`${host} ${this.wordsOf(error)}`, 0, { cause: error });
    });
    const { status, headers } = response;
    await response.body?.cancel().catch(() => undefined);
    if (status === GONE) {
      throw new WebhookRefusedError(`${host} answered 410: it wants no more events. Take it out of the settings.`);
    }
    if (response.ok) return status;
    throw new WebhookFailedError(`${host} answered ${status}.`, retryAfterSeconds(headers.get('retry-after')));
  }

  private async post(url: string, event: DeliverWebhook['event'], signal: AbortSignal): Promise<Response> {
    const body = JSON.stringify(event);
    const timestampSeconds = Math.floor(Date.now() / 1000);
    // A timer holds it. An AbortSignal.timeout that is held by AbortSignal.any alone may be collected before it fires.
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(new DOMException('', TIMEOUT_ERROR)), this.timeoutMs);
    try {
      return await fetch(url, {
        method: 'POST',
        // An answer that leads elsewhere is a failure: the request was signed for this address.
        redirect: 'manual',
        signal: AbortSignal.any([signal, patience.signal]),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'celeriac',
          'webhook-id': event.id,
          'webhook-timestamp': String(timestampSeconds),
          'webhook-signature': signWebhook({ id: event.id, timestampSeconds, body }, this.options.secret),
        },
        body,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  private wordsOf(error: unknown): string {
    const { name, message, cause } = error as FetchError;
    if (name === TIMEOUT_ERROR) return `did not answer within ${this.timeoutMs / 1000} s.`;
    return `cannot be reached: ${cause?.code ?? cause?.message ?? message}.`;
  }
}

/** fetch says "fetch failed" of all that went wrong, and what it was in the cause. */
interface FetchError {
  name: string;
  message: string;
  cause?: { code?: string; message: string };
}
