import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** What a signature is made of. */
export interface SignedContent {
  /** The event's id. */
  id: string;
  /** Of this try, in seconds since 1970. */
  timestampSeconds: number;
  body: string;
}

/**
 * Signs a webhook as Standard Webhooks has it: https://www.standardwebhooks.com.
 *
 * @param secret - base64 behind `whsec_`
 * @returns the value of the header `webhook-signature`
 */
export function signWebhook({ id, timestampSeconds, body }: SignedContent, secret: string): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64')}`;
}
