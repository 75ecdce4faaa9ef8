/** What the system says of a connection that failed, and what that means to a reader. */
const MEANINGS: Array<[pattern: RegExp, words: string]> = [
  [/\bECONNREFUSED\b/, 'The mail server could not be reached: nothing answers at its address.'],
  [/\b(ENOTFOUND|EAI_AGAIN|EDNS)\b/, 'The mail server could not be found: its name is not known.'],
  [/\b(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)\b/, 'The mail server could not be reached: there is no way to it.'],
  [
    /\bETIMEDOUT\b|^(Connection timeout|Greeting never received|TLS handshake timed out|Timeout)\b/,
    'The mail server did not answer in time.',
  ],
  [
    // The last two are nodemailer's: its pool had a connection that the server cut while nothing was said.
    /\b(ECONNRESET|EPIPE|ECONNABORTED)\b|^(Connection closed|Unexpected socket close|Server closed the connection|Reached maximum number of retries)/,
    'The connection to the mail server broke.',
  ],
  [/^(connect|read|write|bind) E[A-Z]+\b/, 'The connection to the mail server failed.'],
];

/** A server's own words as they are; the system's, which say nothing to a reader, in ours. */
export function plainWords(words: string): string {
  // Words with a reply code are a server's, whatever stands in them.
  if (/^\d{3}\b/.test(words)) return words;
  return MEANINGS.find(([pattern]) => pattern.test(words))?.[1] ?? words;
}
