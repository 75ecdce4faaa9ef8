import type { BrokerAddress } from './broker-address.js';
import { meaningOf, type Meaning } from './error-meaning.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const CONNECTING: Array<Meaning<[BrokerAddress]>> = [
  [
    /ECONNREFUSED/,
    (_, at) => `Nothing listens at ${at.place}: start RabbitMQ there, or correct host and port in BROKER_URL.`,
  ],
  [
    /ENOTFOUND/,
    (_, at) => `There is no host "${at.host}": correct it in BROKER_URL, or make it known to the name service.`,
  ],
  [
    /EAI_AGAIN/,
    (_, at) => `The name service does not say where host "${at.host}" is: mend it (DNS), or correct BROKER_URL.`,
  ],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/,
    (_, at) =>
      `RabbitMQ does not answer at ${at.place}: correct host and port in BROKER_URL (amqp:// has 5672, amqps:// 5671), ` +
      'or look at the network and its firewalls.',
  ],
  [/ACCESS[_-]REFUSED/, (_, at) => `RabbitMQ at ${at.place} refuses the login as "${at.user}": ${loginAdvice(at)}.`],
  // amqplib does not say why RabbitMQ closes the connection at this point; it has these reasons.
  [
    /ConnectionOpenOk; got <ConnectionClose/,
    (_, at) =>
      `RabbitMQ at ${at.place} does not let "${at.user}" into virtual host "${at.vhost}": make it (rabbitmqctl add_vhost ` +
      `${at.vhost}), allow it (rabbitmqctl set_permissions -p ${at.vhost} ${at.user} ".*" ".*" ".*"), raise the limit of ` +
      'its connections, or correct BROKER_URL.',
  ],
  [
    /CERT_(HAS_EXPIRED|NOT_YET_VALID)/,
    ([, how], at) =>
      `The certificate of RabbitMQ at ${at.place} ${how === 'HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}: renew it ` +
      "there, or set this machine's clock.",
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID.*?(?:cert's (?:altnames|CN): (.+))?$/,
    ([, names], at) =>
      `The certificate of RabbitMQ at ${at.place} does not hold for "${at.host}"${names ? `, but for ${names}` : ''}: name ` +
      'the host in BROKER_URL as the certificate does, or give RabbitMQ another one.',
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/,
    (_, at) =>
      `The certificate of RabbitMQ at ${at.place} is signed by nobody who is trusted here: set BROKER_CA_FILE to the ` +
      'certificate (PEM) of the CA that signed it.',
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|EPROTO/,
    (_, at) => `There is no TLS at ${at.place}: write amqp:// in BROKER_URL, or the port that has TLS (5671).`,
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/,
    (_, at) =>
      `RabbitMQ at ${at.place} wants a certificate of this process, which has none: set ` +
      'ssl_options.fail_if_no_peer_cert = false in rabbitmq.conf.',
  ],
  [
    /ERR_SSL_(\w+)/,
    ([, why], at) => `TLS with RabbitMQ at ${at.place} failed (${why}): look at ssl_options in rabbitmq.conf.`,
  ],
  [
    /before secure TLS connection|Socket closed abruptly|ECONNRESET|EPIPE/,
    (_, at) =>
      `The connection to ${at.place} is closed before RabbitMQ has said anything: correct host and port in BROKER_URL, ` +
      'with amqps:// for a port that has TLS (5671); else RabbitMQ is just starting, or its log says why.',
  ],
  [
    /Frame size|Frame on channel|Invalid frame|Unknown frame|Expected ConnectionStart/i,
    (_, at) => `What listens at ${at.place} is not RabbitMQ's AMQP: correct the port in BROKER_URL (amqp:// has 5672).`,
  ],
  [/.*/s, ([text], at) => `RabbitMQ at ${at.place} cannot be reached: ${text}. Its log may say more.`],
];

const LOST: Array<Meaning<[BrokerAddress]>> = [
  [/reason 'shutdown'/, (_, at) => `RabbitMQ at ${at.place} is shutting down.`],
  [
    /Heartbeat timeout/,
    (_, at) => `RabbitMQ at ${at.place} gives no sign of life any more: look at the network, and at its load.`,
  ],
  [/"(?:[A-Z_]+ - )?(.*)"/s, ([, text], at) => `RabbitMQ at ${at.place} closed the connection: ${text}.`],
  [/ECONNRESET|EPIPE|Unexpected close|^$/, (_, at) => `The connection to RabbitMQ at ${at.place} was cut.`],
  [/.*/s, ([text], at) => `The connection to RabbitMQ at ${at.place} was lost: ${text}.`],
];

/** @returns why no connection could be made, where, and what to do; without the password */
export function describeConnectError(error: unknown, at: BrokerAddress): string {
  return meaningOf(CONNECTING, error, at);
}

/** @returns why a connection ended that was there */
export function describeLostConnection(error: unknown, at: BrokerAddress): string {
  return meaningOf(LOST, error, at);
}

/** @param reason - as `connection.blocked` has it, such as `low on memory` */
export function describeBlocked(reason: string): string {
  const advice = [
    ...(reason.includes('memory') ? ['give it more memory (vm_memory_high_watermark)'] : []),
    ...(reason.includes('disk') ? ['free space on its disk (disk_free_limit)'] : []),
  ];
  const doThis = advice.length === 0 ? 'look at its log' : advice.join(', and ');
  return `RabbitMQ holds publishers back (${reason}): ${doThis}. Messages wait in the outbox until it lets them through.`;
}

function loginAdvice({ user, host }: BrokerAddress): string {
  const advice = 'correct user and password in BROKER_URL';
  const isFar = user === 'guest' && !LOOPBACK.has(host);
  return isFar ? `${advice}, with another user than guest, who gets in from RabbitMQ's own machine only` : advice;
}
