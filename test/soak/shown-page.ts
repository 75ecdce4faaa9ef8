import { Agent, get } from 'node:http';

/** What a mail's page says. */
export interface ShownPage {
  state: string;
  /** By address. */
  recipients: Map<string, string>;
}

const TIMEOUT_MS = 20_000;
const TRIES = 5;

/** Reads what a mail's page says out of its HTML. */
export function readPage(html: string): ShownPage {
  const state = / data-state="([^"]*)"/.exec(html)?.[1] ?? 'missing';
  const rows = html.matchAll(/ data-recipient-state="([^"]*)"[\s\S]*?class="address">([^<]*)</g);
  return { state, recipients: new Map([...rows].map(([, shown = '', address = '']) => [address.trim(), shown])) };
}

/**
 * Loads mails' pages, as their users do.
 *
 * @returns a function that loads the page of a mail: null when there is none, or none that a user can read
 */
export function pageReader(webUrls: readonly string[]): {
  load(mailId: string): Promise<ShownPage | null>;
  close(): void;
} {
  const agent = new Agent({ keepAlive: true });
  return {
    load: async (mailId) => {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const webUrl = webUrls[tries % webUrls.length] as string;
        const answer = await fetchText(`${webUrl}/mails/${mailId}`, agent).catch(() => null);
        if (answer?.status === 200) return readPage(answer.body);
        if (answer?.status === 404) return null;
      }
      return null;
    },
    close: () => agent.destroy(),
  };
}

function fetchText(url: string, agent: Agent): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent, timeout: TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => (body += String(chunk)));
      response.once('error', reject).once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.once('error', reject).once('timeout', () => asked.destroy(new Error('There was no answer.')));
  });
}
