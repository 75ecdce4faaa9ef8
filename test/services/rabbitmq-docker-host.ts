import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { succeeds } from './install.js';
import { tlsSettings, writeTlsFiles, type RabbitMqHost, type RabbitMqHostOptions } from './rabbitmq-host.js';
import { answers, manages } from './rabbitmq-local-host.js';

const IMAGE = 'rabbitmq:4-management';
/** Where certificate and key are in the container. */
const INSIDE = '/certificates';
const BOOT_TIMEOUT_MS = 180_000;
const run = promisify(execFile);

/** Runs RabbitMQ in a container whose port is published on loopback alone. */
export class DockerRabbitMqHost implements RabbitMqHost {
  private readonly name = `celeriac-test-${randomBytes(4).toString('hex')}`;
  private port = '';
  private tlsPort = '';
  private managementPort = '';

  private constructor(private readonly folder: string | undefined) {}

  /** @returns null where no Docker engine answers, or the image cannot be had */
  static async create({ tls }: RabbitMqHostOptions): Promise<DockerRabbitMqHost | null> {
    if (!(await succeeds('docker', ['info']))) return null;
    const hasImage =
      (await succeeds('docker', ['image', 'inspect', IMAGE])) || (await succeeds('docker', ['pull', '-q', IMAGE]));
    if (!hasImage) return null;
    if (tls === undefined) return new DockerRabbitMqHost(undefined);
    const folder = await mkdtemp(join(tmpdir(), 'celeriac-rabbitmq-'));
    await chmod(folder, 0o755);
    await writeTlsFiles(tls, folder);
    await writeFile(join(folder, '30-tls.conf'), `${tlsSettings('5671', INSIDE).join('\n')}\n`);
    return new DockerRabbitMqHost(folder);
  }

  get brokerUrl(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}/`;
  }

  get tlsBrokerUrl(): string {
    return `amqps://guest:guest@localhost:${this.tlsPort}/`;
  }

  get managementUrl(): string {
    return `http://guest:guest@127.0.0.1:${this.managementPort}/`;
  }

  async boot(): Promise<void> {
    if (this.port === '') {
      const ports = ['-p', '127.0.0.1::5672', '-p', '127.0.0.1::15672'];
      const settings = `${this.folder}/30-tls.conf:/etc/rabbitmq/conf.d/30-tls.conf:ro`;
      const tls =
        this.folder === undefined ? [] : ['-p', '127.0.0.1::5671', '-v', `${this.folder}:${INSIDE}:ro`, '-v', settings];
      await run('docker', ['run', '-d', '--name', this.name, '--hostname', this.name, ...ports, ...tls, IMAGE]);
      process.once('exit', this.removeNow);
    } else {
      await run('docker', ['start', this.name]);
    }
    this.port = await this.publishedPort('5672/tcp');
    this.managementPort = await this.publishedPort('15672/tcp');
    if (this.folder !== undefined) this.tlsPort = await this.publishedPort('5671/tcp');
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
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }

  private async publishedPort(port: string): Promise<string> {
    const { stdout } = await run('docker', ['port', this.name, port]);
    return stdout.trim().split(':').at(-1) ?? '';
  }

  private readonly removeNow = (): void => {
    execFileSync('docker', ['rm', '-f', '-v', this.name]);
  };
}
