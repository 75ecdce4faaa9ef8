const PLAIN_PORT = 5672;
const TLS_PORT = 5671;

// What was given is not repeated: it may have a password in it.
const NO_ADDRESS = 'A RabbitMQ address is not amqp://user:password@host:port/vhost (or amqps://): correct BROKER_URL.';

/** Where a RabbitMQ is and who we are there, as an address has it. Printed, it has no password. */
export class BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly vhost: string;
  readonly user: string;
  private readonly protocol: string;

  /**
   * @param url - `amqp://user:password@host:port/vhost`, or `amqps://`
   * @throws TypeError when it is not one
   */
  constructor(readonly url: string) {
    if (!isBrokerUrl(url)) throw new TypeError(NO_ADDRESS);
    const { protocol, hostname, port, pathname, username, password } = new URL(url);
    this.protocol = protocol;
    this.host = hostname;
    this.port = port === '' ? (protocol === 'amqps:' ? TLS_PORT : PLAIN_PORT) : Number(port);
    this.vhost = decodeURIComponent(pathname.slice(1)) || '/';
    // As RabbitMQ's clients have it where the address has no login.
    this.user = username === '' && password === '' ? 'guest' : decodeURIComponent(username);
  }

  /** Host and port. */
  get place(): string {
    return `${this.host}:${this.port}`;
  }

  toString(): string {
    return `${this.protocol}//${this.user}@${this.place}/${this.vhost === '/' ? '' : this.vhost}`;
  }
}

function isBrokerUrl(url: string): boolean {
  try {
    const { protocol, pathname, username } = new URL(url);
    decodeURIComponent(pathname + username);
    return protocol === 'amqp:' || protocol === 'amqps:';
  } catch {
    return false;
  }
}
