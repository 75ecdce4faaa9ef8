import { describe, expect, it } from '@jest/globals';
import { BrokerAddress } from './broker-address.js';
import { describeBlocked, describeConnectError, describeLostConnection } from './describe-connection-error.js';

const PASSWORD = 'se%20cret';
const at = new BrokerAddress(`amqps://ann:${PASSWORD}@rabbit/shop`);

function failed(message: string, code?: string | number): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe('describeConnectError', () => {
  it.each<[given: Error, line: string]>([
    [
      failed('connect ECONNREFUSED 10.0.0.7:5671', 'ECONNREFUSED'),
      'Nothing listens at rabbit:5671: start RabbitMQ there, or correct host and port in BROKER_URL.',
    ],
    // Of several addresses of a host, none of which answers.
    [
      Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
      'Nothing listens at rabbit:5671: start RabbitMQ there, or correct host and port in BROKER_URL.',
    ],
    [
      failed('getaddrinfo ENOTFOUND rabbit', 'ENOTFOUND'),
      'There is no host "rabbit": correct it in BROKER_URL, or make it known to the name service.',
    ],
    [
      failed('getaddrinfo EAI_AGAIN rabbit', 'EAI_AGAIN'),
      'The name service does not say where host "rabbit" is: mend it (DNS), or correct BROKER_URL.',
    ],
    [
      failed('connect ETIMEDOUT'),
      'RabbitMQ does not answer at rabbit:5671: correct host and port in BROKER_URL (amqp:// has 5672, amqps:// 5671), ' +
        'or look at the network and its firewalls.',
    ],
    [
      failed('connect EHOSTUNREACH 10.0.0.7:5671', 'EHOSTUNREACH'),
      'RabbitMQ does not answer at rabbit:5671: correct host and port in BROKER_URL (amqp:// has 5672, amqps:// 5671), ' +
        'or look at the network and its firewalls.',
    ],
    [
      failed(
        'Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused using ' +
          'authentication mechanism PLAIN. For details see the broker logfile."',
      ),
      'RabbitMQ at rabbit:5671 refuses the login as "ann": correct user and password in BROKER_URL.',
    ],
    [
      failed('Expected ConnectionOpenOk; got <ConnectionClose channel:0>'),
      'RabbitMQ at rabbit:5671 does not let "ann" into virtual host "shop": make it (rabbitmqctl add_vhost shop), allow ' +
        'it (rabbitmqctl set_permissions -p shop ann ".*" ".*" ".*"), raise the limit of its connections, or correct ' +
        'BROKER_URL.',
    ],
    ...[
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ].map((code): [Error, string] => [
      failed('in the words of OpenSSL', code),
      'The certificate of RabbitMQ at rabbit:5671 is signed by nobody who is trusted here: set BROKER_CA_FILE to the ' +
        'certificate (PEM) of the CA that signed it.',
    ]),
    [
      failed('certificate has expired', 'CERT_HAS_EXPIRED'),
      "The certificate of RabbitMQ at rabbit:5671 has expired: renew it there, or set this machine's clock.",
    ],
    [
      failed('certificate is not yet valid', 'CERT_NOT_YET_VALID'),
      "The certificate of RabbitMQ at rabbit:5671 is not valid yet: renew it there, or set this machine's clock.",
    ],
    [
      failed(
        "Hostname/IP does not match certificate's altnames: Host: rabbit. is not in the cert's altnames: DNS:mq, DNS:mq2",
        'ERR_TLS_CERT_ALTNAME_INVALID',
      ),
      'The certificate of RabbitMQ at rabbit:5671 does not hold for "rabbit", but for DNS:mq, DNS:mq2: name the host in ' +
        'BROKER_URL as the certificate does, or give RabbitMQ another one.',
    ],
    [
      failed(
        "Hostname/IP does not match certificate's altnames: IP: 10.0.0.7 is not in the cert's list: ",
        'ERR_TLS_CERT_ALTNAME_INVALID',
      ),
      'The certificate of RabbitMQ at rabbit:5671 does not hold for "rabbit": name the host in BROKER_URL as the ' +
        'certificate does, or give RabbitMQ another one.',
    ],
    [
      failed('80DC:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:', 'ERR_SSL_WRONG_VERSION_NUMBER'),
      'There is no TLS at rabbit:5671: write amqp:// in BROKER_URL, or the port that has TLS (5671).',
    ],
    [
      failed('tlsv13 alert certificate required', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
      'RabbitMQ at rabbit:5671 wants a certificate of this process, which has none: set ' +
        'ssl_options.fail_if_no_peer_cert = false in rabbitmq.conf.',
    ],
    [
      failed('tlsv1 alert protocol version', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'),
      'TLS with RabbitMQ at rabbit:5671 failed (TLSV1_ALERT_PROTOCOL_VERSION): look at ssl_options in rabbitmq.conf.',
    ],
    ...[
      failed('Socket closed abruptly during opening handshake'),
      failed('Client network socket disconnected before secure TLS connection was established', 'ECONNRESET'),
    ].map((error): [Error, string] => [
      error,
      'The connection to rabbit:5671 is closed before RabbitMQ has said anything: correct host and port in BROKER_URL, ' +
        'with amqps:// for a port that has TLS (5671); else RabbitMQ is just starting, or its log says why.',
    ]),
    [
      failed('Frame size 1345270062 exceeds maxFrameSize 67108864'),
      "What listens at rabbit:5671 is not RabbitMQ's AMQP: correct the port in BROKER_URL (amqp:// has 5672).",
    ],
    [
      failed('SASL mechanism PLAIN is not provided by the server'),
      'RabbitMQ at rabbit:5671 cannot be reached: SASL mechanism PLAIN is not provided by the server. Its log may say more.',
    ],
  ])('%s', (given, line) => {
    expect(describeConnectError(given, at)).toBe(line);
  });

  it('knows that guest is let in from the same machine alone', () => {
    const refused = failed('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - ..."');
    const lineFor = (url: string): string => describeConnectError(refused, new BrokerAddress(url));
    expect(lineFor('amqp://rabbit')).toBe(
      'RabbitMQ at rabbit:5672 refuses the login as "guest": correct user and password in BROKER_URL, with another user ' +
        "than guest, who gets in from RabbitMQ's own machine only.",
    );
    expect(lineFor('amqp://localhost')).toBe(
      'RabbitMQ at localhost:5672 refuses the login as "guest": correct user and password in BROKER_URL.',
    );
  });
});

describe('describeLostConnection', () => {
  const closed = (text: string): Error =>
    failed(`Connection closed: 320 (CONNECTION-FORCED) with message "${text}"`, 320);

  it.each<[given: Error | undefined, line: string]>([
    [
      closed("CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"),
      'RabbitMQ at rabbit:5671 is shutting down.',
    ],
    [
      closed("CONNECTION_FORCED - vhost 'shop' is down"),
      "RabbitMQ at rabbit:5671 closed the connection: vhost 'shop' is down.",
    ],
    [
      closed('CONNECTION_FORCED - Closed via management plugin'),
      'RabbitMQ at rabbit:5671 closed the connection: Closed via management plugin.',
    ],
    [
      failed('Connection closed: 541 (INTERNAL-ERROR) with message "INTERNAL_ERROR - out of luck"', 541),
      'RabbitMQ at rabbit:5671 closed the connection: out of luck.',
    ],
    [
      failed('Heartbeat timeout'),
      'RabbitMQ at rabbit:5671 gives no sign of life any more: look at the network, and at its load.',
    ],
    [failed('read ECONNRESET', 'ECONNRESET'), 'The connection to RabbitMQ at rabbit:5671 was cut.'],
    [failed('Unexpected close'), 'The connection to RabbitMQ at rabbit:5671 was cut.'],
    [undefined, 'The connection to RabbitMQ at rabbit:5671 was cut.'],
    [failed('Invalid frame'), 'The connection to RabbitMQ at rabbit:5671 was lost: Invalid frame.'],
  ])('%s', (given, line) => {
    expect(describeLostConnection(given, at)).toBe(line);
  });
});

describe('describeBlocked', () => {
  it.each<[reason: string, advice: string]>([
    ['low on memory', 'give it more memory (vm_memory_high_watermark)'],
    ['low on disk', 'free space on its disk (disk_free_limit)'],
    [
      'low on memory & low on disk',
      'give it more memory (vm_memory_high_watermark), and free space on its disk (disk_free_limit)',
    ],
    ['tired', 'look at its log'],
  ])('%s', (reason, advice) => {
    expect(describeBlocked(reason)).toBe(
      `RabbitMQ holds publishers back (${reason}): ${advice}. Messages wait in the outbox until it lets them through.`,
    );
  });
});
