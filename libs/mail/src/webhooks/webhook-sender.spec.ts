import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MailEvent } from '../events/mail-event.js';
import { WebhookFailedError, WebhookRefusedError } from './webhook-errors.js';
import { WebhookSender } from './webhook-sender.js';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const event: MailEvent = {
  id: '0199c0de-0000-7000-8000-000000000001',
  type: 'mail.sent',
  timestamp: '2026-01-31T10:00:00.000Z',
  data: { mailId: '0199c0de-0000-7000-8000-000000000002', recipients: [], reason: null },
};
const never = new AbortController().signal;

describe('WebhookSender', () => {
  let server: Server;
  let url: string;

  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/token`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  async function errorOf(sender: WebhookSender, signal = never): Promise<Error> {
    return sender.send({ url, event }, signal).then(
      (status) => new Error(`It answered ${status}.`),
      (error: Error) => error,
    );
  }

  it('does not read an answer that comes to no end', async () => {
    server.on('request', (_request, response) => {
      response.writeHead(200);
      const more = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(more));
    });
    expect(await new WebhookSender({ urls: [url], secret }).send({ url, event }, never)).toBe(200);
  });

  it('waits for an answer as long as it may, and names the host alone', async () => {
    const error = await errorOf(new WebhookSender({ urls: [url], secret }, 50));
    expect(error).toBeInstanceOf(WebhookFailedError);
    expect(error.message).toBe(`${new URL(url).host} did not answer within 0.05 s.`);
  });

  it('does so when memory is collected meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collecting = setInterval(runInNewContext('gc') as () => void, 20);
    const error = await errorOf(new WebhookSender({ urls: [url], secret }, 200));
    clearInterval(collecting);
    expect(error.message).toMatch(/did not answer within 0\.2 s/);
  });

  it('is ended by its signal', async () => {
    const error = await errorOf(new WebhookSender({ urls: [url], secret }), AbortSignal.abort(new Error('stop')));
    expect(error).toBeInstanceOf(WebhookFailedError);
    expect(error.message).not.toContain('token');
  });

  it('sends nothing to what is no endpoint any more', async () => {
    server.on('request', () => expect(true).toBe(false));
    expect(await errorOf(new WebhookSender({ urls: [], secret }))).toBeInstanceOf(WebhookRefusedError);
  });

  it('waits as long as the endpoint asks for', async () => {
    server.on('request', (_request, response) => response.writeHead(503, { 'retry-after': '77' }).end());
    expect(await errorOf(new WebhookSender({ urls: [url], secret }))).toMatchObject({
      message: `${new URL(url).host} answered 503.`,
      minCountdownSeconds: 77,
    });
  });
});
