import type { SmtpError } from './smtp-errors.js';

/** Replies that want a login or encryption, to whatever command (RFC 4954, section 6). */
const LOGIN_REPLIES = new Set([530, 534, 535, 538]);
/** Where nothing has been said yet of the mail itself. */
const BEFORE_THE_MAIL = /^(CONN|EHLO|HELO|STARTTLS|AUTH\b)/;
/** What Node and OpenSSL say of a certificate that they do not trust. */
const CERTIFICATE_CODES = /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;
/** What they say of a peer that speaks no TLS, or another one. */
const TLS_CODES = /^(ERR_SSL|ERR_TLS|EPROTO$)/;

const LOGIN = 'Check EMAIL_HOST_USER and EMAIL_HOST_PASSWORD.';
const ENCRYPTION = 'Check EMAIL_USE_TLS, EMAIL_USE_SSL and EMAIL_PORT.';
const CERTIFICATE = 'Its certificate is not trusted: check EMAIL_HOST, or name its authority in NODE_EXTRA_CA_CERTS.';
const SENDER = 'Check DEFAULT_FROM_EMAIL: the server takes no mail from this address.';
const SERVER = 'Check EMAIL_HOST and EMAIL_PORT, and whether this machine may use that server.';

/**
 * What to mend when an SMTP error is about our set-up and not about the mail. A 4xx never is: the server itself says
 * that it will pass (454: the login cannot be checked just now).
 *
 * @returns the advice, or null when the error is about the mail or the moment
 */
export function setUpAdvice(error: SmtpError): string | null {
  const { code = '', originalCode = '', command = '', responseCode, message } = error;
  if (responseCode !== undefined && responseCode < 500) return null;
  if (CERTIFICATE_CODES.test(originalCode)) return CERTIFICATE;
  if (code === 'ETLS' || TLS_CODES.test(originalCode)) return ENCRYPTION;
  if (responseCode === 530 && /TLS/i.test(message)) return ENCRYPTION;
  if (/AUTH/.test(code) || LOGIN_REPLIES.has(responseCode ?? 0)) return LOGIN;
  // Many servers look at the sender only when they hear a recipient.
  if (command === 'RCPT TO' && /sender address rejected/i.test(message)) return SENDER;
  if (command === 'MAIL FROM') return isAboutTheMail(error) ? null : SENDER;
  // A server that answers with no SMTP, or wants nothing of us. One that hangs up without a word is only away.
  const isAnswered = responseCode !== undefined || code === 'EPROTOCOL';
  return isAnswered && BEFORE_THE_MAIL.test(command) ? SERVER : null;
}

/** Too large (552, 5.3.4; RFC 1870), or a session that got out of step (503): that is not the sender's fault. */
function isAboutTheMail({ responseCode, message }: SmtpError): boolean {
  return responseCode === undefined || responseCode === 552 || responseCode === 503 || /\b5\.3\.4\b/.test(message);
}
