import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RabbitMqHostOptions {
  /** Its certificate and key (PEM), for a port that has TLS. @defaultValue there is none */
  tls?: { certificate: string; key: string };
}

/** One way to run a RabbitMQ node of our own. */
export interface RabbitMqHost {
  readonly brokerUrl: string;
  /** Where its port with TLS is, if it was given a certificate. */
  readonly tlsBrokerUrl: string;
  /** Where its management API is. */
  readonly managementUrl: string;
  /** Resolves when the node takes connections. */
  boot(): Promise<void>;
  /** Runs `rabbitmqctl` on the node. @returns what it printed */
  ctl(...args: string[]): Promise<string>;
  /** Ends the node in the middle of whatever it does; what it had on disk stays. */
  kill(): Promise<void>;
  /** Ends the node and removes all of it. */
  remove(): Promise<void>;
}

/** The lines of rabbitmq.conf for a port with TLS, whose files are in this folder. */
export function tlsSettings(listener: string, folder: string): string[] {
  return [
    `listeners.ssl.default = ${listener}`,
    `ssl_options.certfile = ${join(folder, 'server.pem')}`,
    `ssl_options.keyfile = ${join(folder, 'server.key')}`,
    'ssl_options.verify = verify_none',
    'ssl_options.fail_if_no_peer_cert = false',
  ];
}

/** Writes the files that {@link tlsSettings} names. */
export async function writeTlsFiles(
  { certificate, key }: NonNullable<RabbitMqHostOptions['tls']>,
  folder: string,
): Promise<void> {
  await writeFile(join(folder, 'server.pem'), certificate);
  // RabbitMQ in a container is another user.
  await writeFile(join(folder, 'server.key'), key, { mode: 0o644 });
}
