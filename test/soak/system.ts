import { join } from 'node:path';
import { mailSchema } from '@celeriac/mail';
import { migrate } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { PostgresServer } from '../fixtures/postgres-server.js';
import { freePorts, RabbitMqNode } from '../services/index.js';
import { LEASE_SECONDS } from './plan.js';
import type { SmtpRecord } from './smtp-record.js';
import { SoakSmtpServer } from './smtp-server.js';
import { SupervisedProcess } from './supervised-process.js';

export interface SystemOptions {
  seed: number;
  workers: number;
  webs: number;
  onUncertain: 'hold' | 'resend';
  /** For the data and the logs. */
  folder: string;
  record: SmtpRecord;
  /** Told of each process of ours that ended though nobody told it to. */
  onDeath(name: string, exit: string): void;
}

/** Retries come soon, and do not run out: the SMTP server is away again and again. */
const TASK_ANNOTATIONS = { 'mail.send_email': { retryBackoff: 1, retryBackoffMax: 15, maxRetries: 200 } };
/** A server that is silent for longer than this has hung. */
const EMAIL_TIMEOUT_SECONDS = 4;
const RECONCILE_AFTER_SECONDS = 20;

/** Everything that the soak runs: real processes, RabbitMQ and Postgres, and an SMTP server that can be told to behave badly. */
export class SoakSystem {
  private readonly ends: Array<() => Promise<void>> = [];
  postgres!: PostgresServer;
  rabbitMq!: RabbitMqNode;
  smtp!: SoakSmtpServer;
  readonly workers: SupervisedProcess[] = [];
  readonly webs: SupervisedProcess[] = [];
  readonly webUrls: string[] = [];

  private constructor(private readonly options: SystemOptions) {}

  /** Starts all of it. Resolves when it works. */
  static async start(options: SystemOptions): Promise<SoakSystem> {
    const system = new SoakSystem(options);
    try {
      await system.startServices();
      await system.startProcesses();
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  /** Ends all of it, and removes the data. The logs stay. */
  async stop(): Promise<void> {
    for (const end of this.ends.splice(0).toReversed()) await end();
  }

  private async startServices(): Promise<void> {
    const { seed, record, workers, folder } = this.options;
    this.postgres = await PostgresServer.start({ parent: folder, isDurable: true });
    this.ends.push(() => this.postgres.destroy());
    this.rabbitMq = await RabbitMqNode.start();
    this.ends.push(() => this.rabbitMq.destroy());
    this.smtp = await SoakSmtpServer.start(seed, record, workers);
    this.ends.push(() => this.smtp.stop());
    const dataSource = await new DataSource({ type: 'postgres', url: this.postgres.url, ...mailSchema }).initialize();
    await migrate(dataSource);
    await dataSource.destroy();
  }

  private async startProcesses(): Promise<void> {
    const { webs, workers } = this.options;
    this.ends.push(async () => {
      await Promise.all([...this.webs, ...this.workers].map((app) => app.destroy()));
    });
    for (const [index, port] of (await freePorts(webs)).entries()) {
      this.webUrls.push(`http://127.0.0.1:${port}`);
      this.webs.push(this.supervise('web', index, { WEB_PORT: String(port), RATE_LIMIT_PER_MINUTE: '1000000' }));
    }
    for (let index = 0; index < workers; index += 1) {
      const own = { WORKER_NAME: `worker-${index + 1}@soak`, EMAIL_PORT: String(this.smtp.port(index)) };
      this.workers.push(this.supervise('worker', index, own));
    }
    for (const app of [...this.webs, ...this.workers]) app.start();
    await Promise.all([...this.webs, ...this.workers].map((app) => app.ready()));
  }

  private supervise(app: 'web' | 'worker', index: number, own: Record<string, string>): SupervisedProcess {
    const name = `${app}-${index + 1}`;
    return new SupervisedProcess({
      app,
      environment: {
        DATABASE_URL: this.postgres.url,
        BROKER_URL: this.rabbitMq.brokerUrl,
        EMAIL_BACKEND: 'smtp',
        EMAIL_HOST: '127.0.0.1',
        EMAIL_TIMEOUT: String(EMAIL_TIMEOUT_SECONDS),
        WORKER_LEASE: String(LEASE_SECONDS),
        RECONCILE_AFTER: String(RECONCILE_AFTER_SECONDS),
        TASK_ANNOTATIONS: JSON.stringify(TASK_ANNOTATIONS),
        MAIL_ON_UNCERTAIN: this.options.onUncertain,
        ...own,
      },
      logFile: join(this.options.folder, `${name}.log`),
      onDeath: (exit) => this.options.onDeath(name, exit),
    });
  }
}
