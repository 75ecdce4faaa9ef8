import { MissingServiceError } from './install.js';
import { DockerRabbitMqHost } from './rabbitmq-docker-host.js';
import type { RabbitMqHost, RabbitMqHostOptions } from './rabbitmq-host.js';
import { LocalRabbitMqHost } from './rabbitmq-local-host.js';

/** A RabbitMQ node of our own, to be stopped and broken at will. */
export class RabbitMqNode {
  private constructor(private readonly host: RabbitMqHost) {}

  /** @throws {@link MissingServiceError} where there is no way to run one */
  static async start(options: RabbitMqHostOptions = {}): Promise<RabbitMqNode> {
    const host = (await DockerRabbitMqHost.create(options)) ?? (await LocalRabbitMqHost.create(options));
    if (host === null) {
      throw new MissingServiceError('RabbitMQ', [
        'set BROKER_URL to a RabbitMQ where virtual hosts can be made (its management plugin is on)',
        'start one on localhost:5672, likewise',
        'start Docker (and let it pull rabbitmq:4-management)',
        'on Debian or Ubuntu: install the package rabbitmq-server, or run the tests as root or with a sudo that asks no password',
      ]);
    }
    await host.boot();
    return new RabbitMqNode(host);
  }

  get brokerUrl(): string {
    return this.host.brokerUrl;
  }

  /** Where its port with TLS is, if it was given a certificate. */
  get tlsBrokerUrl(): string {
    return this.host.tlsBrokerUrl;
  }

  get managementUrl(): string {
    return this.host.managementUrl;
  }

  ctl(...args: string[]): Promise<string> {
    return this.host.ctl(...args);
  }

  /** Stops the broker as an operator would. */
  async stop(): Promise<void> {
    await this.host.ctl('stop_app');
  }

  /** Starts it again after {@link stop}. */
  async restart(): Promise<void> {
    await this.host.ctl('start_app');
  }

  /** Ends it as a power cut would. */
  kill(): Promise<void> {
    return this.host.kill();
  }

  /** Starts it again after {@link kill}. */
  boot(): Promise<void> {
    return this.host.boot();
  }

  destroy(): Promise<void> {
    return this.host.remove();
  }
}
