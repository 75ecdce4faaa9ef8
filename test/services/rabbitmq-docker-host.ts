import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { succeeds } from './install.js';
import type { RabbitMqHost } from './rabbitmq-host.js';
import { answers, manages } from './rabbitmq-local-host.js';

const IMAGE = 'rabbitmq:4-management';
const BOOT_TIMEOUT_MS = 180_000;
const run = promisify(execFile);

/** Runs RabbitMQ in a container whose port is published on loopback alone. */
export class DockerRabbitMqHost implements RabbitMqHost {
  private readonly name = `celeriac-test-${randomBytes(4).toString('hex')}`;
  private port = '';
  private managementPort = '';

  /** @returns null where no Docker engine answers, or the image cannot be had */
  static async create(): Promise<DockerRabbitMqHost | null> {
    if (!(await succeeds('docker', ['info']))) return null;
    const hasImage =
      (await succeeds('docker', ['image', 'inspect', IMAGE])) || (await succeeds('docker', ['pull', '-q', IMAGE]));
    return hasImage ? new DockerRabbitMqHost() : null;
  }

  get brokerUrl(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}/`;
  }

  get managementUrl(): string {
    return `http://guest:guest@127.0.0.1:${this.managementPort}/`;
  }

  async boot(): Promise<void> {
    if (this.port === '') {
      const ports = ['-p', '127.0.0.1::5672', '-p', '127.0.0.1::15672'];
      await run('docker', ['run', '-d', '--name', this.name, '--hostname', this.name, ...ports, IMAGE]);
      process.once('exit', this.removeNow);
    } else {
      await run('docker', ['start', this.name]);
    }
    this.port = await this.publishedPort('5672/tcp');
    this.managementPort = await this.publishedPort('15672/tcp');
    const deadlineMs = performance.now() + BOOT_TIMEOUT_MS;
    while (!((await answers(this.brokerUrl)) && (await manages(this.managementUrl)))) {
      if (performance.now() > deadlineMs) throw new Error(`RabbitMQ in the container ${this.name} does not answer.`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async ctl(...args: string[]): Promise<string> {
    const { stdout } = await run('docker', ['exec', this.name, 'rabbitmqctl', '-q', ...args]);
    return stdout;
  }

  async kill(): Promise<void> {
    await run('docker', ['kill', this.name]);
  }

  async remove(): Promise<void> {
    process.off('exit', this.removeNow);
    await run('docker', ['rm', '-f', '-v', this.name]);
  }

  private async publishedPort(port: string): Promise<string> {
    const { stdout } = await run('docker', ['port', this.name, port]);
    return stdout.trim().split(':').at(-1) ?? '';
  }

  private readonly removeNow = (): void => {
    execFileSync('docker', ['rm', '-f', '-v', this.name]);
  };
}
