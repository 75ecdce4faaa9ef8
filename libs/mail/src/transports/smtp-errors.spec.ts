import { describe, expect, it } from '@jest/globals';
import { MailSetUpError, type NotSentReason } from './mail-not-sent.error.js';
import { cleanReply, rejectedRecipients, toNotSentError, type SmtpError } from './smtp-errors.js';

/** What nodemailer throws for a server's answer to a command. */
function answered(command: string, response: string, code = 'EENVELOPE'): SmtpError {
  const responseCode = Number(/^\d+/.exec(response)?.[0]);
  return { message: `It failed: ${response}`, code, command, response, responseCode };
}

/** What nodemailer throws when there was no answer. */
function unanswered(code: string, originalCode?: string, command = 'CONN'): SmtpError {
  return { message: originalCode ?? code, code, command, ...(originalCode && { originalCode }) };
}

const LOGIN = /EMAIL_HOST_USER/;
const ENCRYPTION = /EMAIL_USE_TLS/;
const CERTIFICATE = /certificate/;
const SENDER = /DEFAULT_FROM_EMAIL/;
const SERVER = /EMAIL_HOST and EMAIL_PORT/;

describe('toNotSentError', () => {
  it.each<[what: string, error: SmtpError, reason: NotSentReason, advice: RegExp | null]>([
    ['refused connection', unanswered('ESOCKET', 'ECONNREFUSED'), 'temporary', null],
    ['reset', unanswered('ESOCKET', 'ECONNRESET'), 'temporary', null],
    ['time-out', unanswered('ETIMEDOUT'), 'temporary', null],
    ['unknown host', unanswered('EDNS', 'ENOTFOUND'), 'temporary', null],
    ['hang-up before a word', unanswered('ECONNECTION'), 'temporary', null],
    ['421 for a greeting', answered('CONN', '421 Too busy', 'EPROTOCOL'), 'temporary', null],
    ['450 to MAIL', answered('MAIL FROM', '450 Later'), 'temporary', null],
    ['451 to DATA', answered('DATA', '451 Later', 'EMESSAGE'), 'temporary', null],
    ['452 to DATA', answered('DATA', '452 Full', 'EMESSAGE'), 'temporary', null],
    ['454 to AUTH', answered('AUTH PLAIN', '454 4.7.0 Temporary failure', 'EAUTH'), 'temporary', null],
    ['454 to STARTTLS', answered('STARTTLS', '454 TLS not available just now', 'ETLS'), 'temporary', null],
    ['503 to DATA', answered('DATA', '503 Bad sequence'), 'temporary', null],
    ['552 to MAIL: too large', answered('MAIL FROM', '552 5.3.4 Too big'), 'refused', null],
    ['552 to the body', answered('DATA', '552 Too big', 'EMESSAGE'), 'refused', null],
    ['554 to the body', answered('DATA', '554 5.7.1 Spam', 'EMESSAGE'), 'refused', null],
    ['5.6.x to the body', answered('DATA', '550 5.6.0 Malformed', 'EMESSAGE'), 'refused', null],
    ['535 to AUTH', answered('AUTH PLAIN', '535 5.7.8 Wrong', 'EAUTH'), 'set_up', LOGIN],
    ['534 to AUTH', answered('AUTH LOGIN', '534 5.7.9 Use another way', 'EAUTH'), 'set_up', LOGIN],
    ['no way to log in', unanswered('EAUTH', undefined, 'API'), 'set_up', LOGIN],
    ['530 to MAIL', answered('MAIL FROM', '530 5.7.0 Authentication required'), 'set_up', LOGIN],
    [
      '530 that wants TLS',
      answered('MAIL FROM', '530 5.7.0 Must issue a STARTTLS command first'),
      'set_up',
      ENCRYPTION,
    ],
    ['502 to STARTTLS', answered('STARTTLS', '502 Not known here', 'ETLS'), 'set_up', ENCRYPTION],
    ['a peer without TLS', unanswered('ESOCKET', 'ERR_SSL_WRONG_VERSION_NUMBER'), 'set_up', ENCRYPTION],
    ['an old TLS', unanswered('ESOCKET', 'EPROTO'), 'set_up', ENCRYPTION],
    ['a certificate of its own', unanswered('ESOCKET', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'set_up', CERTIFICATE],
    ["another host's certificate", unanswered('ETLS', 'ERR_TLS_CERT_ALTNAME_INVALID'), 'set_up', CERTIFICATE],
    ['an old certificate', unanswered('ETLS', 'CERT_HAS_EXPIRED'), 'set_up', CERTIFICATE],
    ['a sender who may not', answered('MAIL FROM', '553 5.1.8 Not your address'), 'set_up', SENDER],
    [
      'a sender who may not, at RCPT',
      answered('RCPT TO', '553 5.7.1 <a@b>: Sender address rejected: not owned by user'),
      'set_up',
      SENDER,
    ],
    ['a relay that is closed to a recipient', answered('RCPT TO', '554 5.7.1 Relay access denied'), 'refused', null],
    ['554 for a greeting', answered('CONN', '554 No mail from you', 'EPROTOCOL'), 'set_up', SERVER],
    ['550 to EHLO', answered('EHLO', '550 Go away', 'ECONNECTION'), 'set_up', SERVER],
    ['no mail server at all', unanswered('EPROTOCOL'), 'set_up', SERVER],
  ])('%s', (_what, thrown, reason, advice) => {
    const error = toNotSentError(thrown, { isBodyOut: false, rejectedErrors: [] });
    expect(error.reason).toBe(reason);
    expect(error.message).toBe(thrown.response ?? thrown.message);
    if (advice === null) expect(error).not.toBeInstanceOf(MailSetUpError);
    else expect((error as MailSetUpError).advice).toMatch(advice);
  });

  it.each<[what: string, error: SmtpError, reason: NotSentReason]>([
    ['a lost link', unanswered('ECONNECTION'), 'uncertain'],
    ['silence', unanswered('ETIMEDOUT'), 'uncertain'],
    ['an answer that is none', answered('DATA', '354 Go on', 'EMESSAGE'), 'uncertain'],
    ['421', answered('CONN', '421 Shutting down', 'ECONNECTION'), 'temporary'],
    ['554', answered('DATA', '554 No', 'EMESSAGE'), 'refused'],
    ['530', answered('DATA', '530 Authentication required', 'EMESSAGE'), 'set_up'],
  ])('after the body, %s', (_what, thrown, reason) => {
    expect(toNotSentError(thrown, { isBodyOut: true, rejectedErrors: [] }).reason).toBe(reason);
  });
});

describe('rejectedRecipients', () => {
  it.each([
    ['550 No such user', true],
    ['551 Moved', true],
    ['553 5.1.3 Bad syntax', true],
    ['554 5.7.1 No relay', true],
    ['552 5.2.2 Mailbox full', true],
    ['552 Too many recipients', false],
    ['552 5.5.3 Too many recipients', false],
    ['503 Bad sequence', false],
    ['450 Busy', false],
    ['451 Later', false],
    ['452 4.5.3 Too many recipients', false],
  ])('%s: for good %p', (response, permanent) => {
    const error = { ...answered('RCPT TO', response), recipient: 'ada@example.com' };
    expect(rejectedRecipients([error])).toEqual([{ address: 'ada@example.com', reply: response, permanent }]);
  });
});

describe('cleanReply', () => {
  it('holds what Postgres takes, and not more than a page can show', () => {
    expect(cleanReply(' 550-a\0b \uD800\r\n550 \u001b[31mred\n')).toBe('550-a b \uFFFD 550  [31mred');
    expect(cleanReply('x'.repeat(10_000))).toHaveLength(501);
    expect(cleanReply(`${'x'.repeat(499)}😀`).isWellFormed()).toBe(true);
  });
});
