import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { freePorts } from './free-ports.js';
import { callManagement } from './rabbitmq-management.js';
import { aptInstall } from './install.js';
import { tlsSettings, writeTlsFiles, type RabbitMqHost, type RabbitMqHostOptions } from './rabbitmq-host.js';

const BINARIES = '/usr/lib/rabbitmq/bin';
const BOOT_TIMEOUT_MS = 90_000;
const run = promisify(execFile);

/** Runs RabbitMQ's own programs, with a name, ports, folders and an Erlang port mapper that nobody else uses. */
export class LocalRabbitMqHost implements RabbitMqHost {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly managementPort: number,
    private readonly tlsPort: number,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @returns null where RabbitMQ is not installed and cannot be */
  static async create({ tls }: RabbitMqHostOptions): Promise<LocalRabbitMqHost | null> {
    const isThere = existsSync(BINARIES) || ((await aptInstall('rabbitmq-server')) && existsSync(BINARIES));
    if (!isThere) return null;
    const folder = await mkdtemp(join(tmpdir(), 'celeriac-rabbitmq-'));
    const [port, managementPort, distributionPort, mapperPort, tlsPort] = (await freePorts(5)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    await writeFile(join(folder, 'plugins'), '[rabbitmq_management].');
    // A small disk or much memory in use on a developer's machine is no reason to hold publishers back.
    const settings = [
      'disk_free_limit.absolute = 50MB',
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${managementPort}`,
      ...(tls === undefined ? [] : tlsSettings(`127.0.0.1:${tlsPort}`, folder)),
    ];
    if (tls !== undefined) await writeTlsFiles(tls, folder);
    await writeFile(join(folder, 'rabbitmq.conf'), `${settings.join('\n')}\n`);
    return new LocalRabbitMqHost(folder, port, managementPort, tlsPort, {
      PATH: process.env['PATH'],
      HOME: folder,
      LANG: 'C.UTF-8',
      RABBITMQ_NODENAME: `celeriac-${randomBytes(4).toString('hex')}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distributionPort),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      RABBITMQ_BASE: folder,
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      ERL_EPMD_PORT: String(mapperPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
    });
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
    const child = spawn(join(BINARIES, 'rabbitmq-server'), [], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the script, Erlang and its helpers end together.
      detached: true,
    });
    this.child = child;
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += String(chunk)));
    process.once('exit', this.killNow);
    const deadlineMs = performance.now() + BOOT_TIMEOUT_MS;
    while (!((await answers(this.brokerUrl)) && (await manages(this.managementUrl)))) {
      if (child.exitCode !== null || performance.now() > deadlineMs) {
        throw new Error(`RabbitMQ did not start on port ${this.port}:\n${printed.slice(-2000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async ctl(...args: string[]): Promise<string> {
    const { stdout } = await run(join(BINARIES, 'rabbitmqctl'), ['-q', ...args], { env: this.environment });
    return stdout;
  }

  async kill(): Promise<void> {
    const exited = this.child && this.child.exitCode === null ? once(this.child, 'exit') : undefined;
    this.killNow();
    await exited;
  }

  async remove(): Promise<void> {
    await this.kill();
    process.off('exit', this.killNow);
    await run('epmd', ['-port', this.environment['ERL_EPMD_PORT'] ?? '', '-kill'], { env: this.environment }).catch(
      () => undefined,
    );
    await rm(this.folder, { recursive: true, force: true });
  }

  private readonly killNow = (): void => {
    const pid = this.child?.pid;
    if (pid === undefined || this.child?.exitCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended by itself just now.
    }
  };
}

/** @returns whether a management API lets us in at this address */
export async function manages(managementUrl: string): Promise<boolean> {
  return callManagement(managementUrl, 'GET', 'overview').then(
    () => true,
    () => false,
  );
}

/** @returns whether a broker lets us in at this address */
export async function answers(brokerUrl: string): Promise<boolean> {
  try {
    const connection = await connect(brokerUrl, { timeout: 2000 });
    await connection.close();
    return true;
  } catch {
    return false;
  }
}
