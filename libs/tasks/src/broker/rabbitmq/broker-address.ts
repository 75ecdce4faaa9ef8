const PLAIN_PORT = 5672;
const TLS_PORT = 5671;

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
    // What was given is not repeated: it may have a password in it.
    if (!URL.canParse(url) || !/^amqps?:$/.test(new URL(url).protocol)) {
      throw new TypeError(
        'A RabbitMQ address is not amqp://user:password@host:port/vhost (or amqps://): correct BROKER_URL.',
      );
    }
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
